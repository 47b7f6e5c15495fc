import { z } from 'zod';
import { engineStatusSchema } from './engines.ts';

/** What a worker tells of itself, a few times a minute; it vanishes by itself when the worker is gone. */
export const workerStatusSchema = z.object({
  id: z.string(),
  pid: z.int(),
  startedAt: z.iso.datetime(),
  children: z.object({ total: z.int(), alive: z.int(), busy: z.int() }),
  tasks: z.record(z.string(), engineStatusSchema),
});
export type WorkerStatus = z.infer<typeof workerStatusSchema>;

export const partSchema = z.object({
  name: z.string(),
  state: z.enum(['ok', 'degraded', 'down']),
  reason: z.string(),
  /** Of the part `data`: disk, bucket, dataset or ephemeral. */
  kind: z.string().optional(),
});
export type Part = z.infer<typeof partSchema>;

/** The body of `/readyz`. `ready` means: at least one task has an engine now. */
export const readinessSchema = z.object({
  ready: z.boolean(),
  parts: z.array(partSchema),
  tasks: z.record(z.string(), engineStatusSchema),
});
export type Readiness = z.infer<typeof readinessSchema>;
