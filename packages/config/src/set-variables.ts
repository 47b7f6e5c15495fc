import { parseEnv } from 'node:util';
import { envSchema } from './env.ts';
import { readIfThere } from './read-if-there.ts';

/** The names of our variables that have a value, never the values: some are secrets. */
export function setVariables(environment: Record<string, string | undefined> = process.env): string[] {
  return Object.keys(envSchema.shape).filter((name) => environment[name] !== undefined && environment[name] !== '');
}

/** Variables that are not ours and yet change what our programs do. */
const wellKnown =
  /^(NODE_|SPACE_|SSL_CERT_|OMP_|CUDA_|LC_|(HTTPS?_PROXY|ALL_PROXY|NO_PROXY|TZ|LANG|TMPDIR|PATH|HOME|USER)$)/i;

/**
 * Names that an `.env` file sets and that nothing of ours reads: most are mistyped. `alsoRead` are those that services ask
 * for. None where there is no file.
 */
export function unreadNames(envFile: string, alsoRead: string[]): string[] {
  const text = readIfThere(envFile);
  if (text === undefined) return [];
  const read = new Set([...Object.keys(envSchema.shape), 'SLIPWAY_URL', 'SLIPWAY_API_KEY', ...alsoRead]);
  return Object.keys(parseEnv(text))
    .filter((name) => !read.has(name) && !wellKnown.test(name))
    .toSorted();
}

export const unreadLine = (names: string[]) => `.env sets ${names.join(', ')}, which nothing reads: see .env.example`;
