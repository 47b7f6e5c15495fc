import { z } from 'zod';
import { readinessSchema, workerStatusSchema } from './readiness.ts';

/** What operators see and do. */
export const operatorRoles = ['viewer', 'operator'] as const;
/** A viewer sees how the instance is; an operator sees the jobs too and may act. */
export const operatorRoleSchema = z.enum(operatorRoles);
export type OperatorRole = z.infer<typeof operatorRoleSchema>;

export const operatorIdentitySchema = z.object({
  name: z.string().describe('On the Hub, or what stands for a password or a link.'),
  role: operatorRoleSchema,
  expiresAt: z.iso.datetime().describe('When the session ends.'),
});
export type OperatorIdentity = z.infer<typeof operatorIdentitySchema>;

export const queueCountsSchema = z
  .object({ queued: z.int(), running: z.int(), succeeded: z.int(), unsuccessful: z.int() })
  .describe('Jobs of a task; of those that have ended, the ones that can still be read.');
export type QueueCounts = z.infer<typeof queueCountsSchema>;

/** The body of `GET /api/v1/admin/state`. */
export const adminStateSchema = z.object({
  at: z.iso.datetime().describe('When this was so.'),
  you: operatorIdentitySchema,
  readiness: readinessSchema,
  queues: z.record(z.string(), queueCountsSchema).nullable().describe('By task; null while Redis does not answer.'),
  workers: z.array(workerStatusSchema).nullable().describe('Null while Redis does not answer.'),
});
export type AdminState = z.infer<typeof adminStateSchema>;
