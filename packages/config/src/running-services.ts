import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Service } from './services.ts';

/**
 * What the launcher has decided, for the processes that pm2 runs: they read it from a file in the run directory, so that
 * all of them know the same ports.
 */
const runningServiceSchema = z.object({
  name: z.string(),
  dir: z.string(),
  command: z.array(z.string()),
  port: z.int(),
  path: z.string(),
  health: z.string(),
  access: z.enum(['public', 'key', 'admin']),
  websocket: z.boolean(),
  env: z.array(z.string()),
});
export type RunningService = z.infer<typeof runningServiceSchema>;

export function writeRunningServices(file: string, services: (Service & { port: number })[]): void {
  writeFileSync(file, JSON.stringify(z.array(runningServiceSchema).parse(services), null, 2), { mode: 0o600 });
}

export function readRunningServices(file: string): RunningService[] {
  return z.array(runningServiceSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
}
