import { existsSync } from 'node:fs';

/** Reads an `.env` file into the environment, where it is. What is set already stays as it is. */
export function readEnvFile(file: string): void {
  if (existsSync(file)) process.loadEnvFile(file);
}

/** The environment for a process that we start: ours, and what it needs besides. */
export function environmentWith(extra: Record<string, string>): Record<string, string | undefined> {
  return { ...process.env, ...extra };
}
