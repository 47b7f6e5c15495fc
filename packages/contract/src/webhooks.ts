import { z } from 'zod';
import { jobSchema } from './jobs.ts';

/** What goes over the wire to a job's webhook, and what is kept of it. Source: https://www.standardwebhooks.com */

/** What is told of a job at its webhook, by the types of Standard Webhooks. */
export const webhookEventTypes = ['job.started', 'job.succeeded', 'job.failed', 'job.canceled', 'job.expired'] as const;
export const webhookEventTypeSchema = z.enum(webhookEventTypes);
export type WebhookEventType = z.infer<typeof webhookEventTypeSchema>;

/** `whsec_` and 24 to 64 bytes in base64, with its padding: the libraries of some languages insist on it. */
export const webhookSecretPattern =
  /^whsec_(?=.{32,88}$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const webhookSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be a URL that begins with https:// or http://' })
    .max(2_048)
    .refine((url) => !/^[a-z]+:\/\/[^/?#]*@/i.test(url), 'must not hold a user name or password')
    .meta({ description: 'Gets a signed POST for each event, tried again over hours until it answers 2xx.' }),
  events: z
    .array(webhookEventTypeSchema)
    .min(1, 'must name at least one event')
    .optional()
    .describe('Only these; all but `job.started` where it is left out.'),
  secret: z
    .string()
    .regex(webhookSecretPattern, 'must be whsec_ and 24 to 64 bytes in base64')
    .optional()
    .describe("Signs these deliveries in place of the service's own secret. Never given back."),
});
export type Webhook = z.infer<typeof webhookSchema>;

/** The body of a delivery. The job in it is as it was when it was sent. */
export const webhookPayloadSchema = z.object({ type: webhookEventTypeSchema, timestamp: z.string(), data: jobSchema });
export type WebhookPayload = z.infer<typeof webhookPayloadSchema>;

/** One try of one delivery. */
export const deliverySchema = z.object({
  id: z.string().describe('The `webhook-id`: the same for each try of one delivery.'),
  type: webhookEventTypeSchema,
  attempt: z.int().describe('1 for the first try.'),
  at: z.iso.datetime(),
  status: z.int().nullable().describe('What the receiver answered; null where nothing came.'),
  error: z.string().nullable().describe('Why it did not arrive; null where it did.'),
  nextAt: z.iso.datetime().nullable().describe('When it is tried again; null where it is not.'),
});
export type Delivery = z.infer<typeof deliverySchema>;
export const deliveryListSchema = z.object({ deliveries: z.array(deliverySchema).describe('Oldest first.') });
