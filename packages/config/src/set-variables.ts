import { envSchema } from './env.ts';

/** The names of our variables that have a value, never the values: some are secrets. */
export function setVariables(environment: Record<string, string | undefined> = process.env): string[] {
  return Object.keys(envSchema.shape).filter((name) => environment[name] !== undefined && environment[name] !== '');
}
