import { defaultPort } from './load.ts';

/** Where a program that calls the house finds it, and with which key: SLIPWAY_URL, else PORT on this machine, and SLIPWAY_API_KEY. */
export function clientDefaults(environment: Record<string, string | undefined> = process.env): {
  url: string;
  apiKey: string | undefined;
} {
  const { SLIPWAY_URL, SLIPWAY_API_KEY, PORT } = environment;
  return {
    url: SLIPWAY_URL?.trim() || `http://localhost:${PORT?.trim() || defaultPort}`,
    // a key from a file often ends in a line break, which no header can hold
    apiKey: SLIPWAY_API_KEY?.trim() || undefined,
  };
}
