import { existsSync } from 'node:fs';

/** Reads an `.env` file into the environment, where it is. What is set already stays as it is. */
export function readEnvFile(file: string): void {
  if (existsSync(file)) process.loadEnvFile(file);
}

/**
 * The environment for a program that is not ours: what every program needs, what is named, and nothing else, so that no
 * secret goes where it is not asked for.
 */
export function environmentOf(names: string[], extra: Record<string, string>): Record<string, string | undefined> {
  const common = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_ENV'];
  const chosen = [...common, ...names].filter((name) => process.env[name] !== undefined);
  return { ...Object.fromEntries(chosen.map((name) => [name, process.env[name]])), ...extra };
}

/** The environment for a process that we start: ours, and what it needs besides. */
export function environmentWith(extra: Record<string, string>): Record<string, string | undefined> {
  return { ...process.env, ...extra };
}
