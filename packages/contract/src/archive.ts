import { z } from 'zod';
import { resultSchema, termsSchema } from './records.ts';

/**
 * What the courier keeps outside the container, a line of JSON each. Lines outlive deploys by far: a field added later
 * must be optional, for good. Times are milliseconds since 1970.
 */
export const archivedJobSchema = z.object({
  type: z.literal('job'),
  id: z.string(),
  input: z.unknown(),
  options: z.unknown(),
  terms: termsSchema,
  createdAt: z.number(),
  /** Its place in lists, with a fraction. */
  submittedAt: z.number(),
  startedAt: z.number().nullable(),
  /** Null: it still waited or ran. */
  finishedAt: z.number().nullable(),
  /** There where it has succeeded. */
  result: resultSchema.optional(),
  /** `code: message`, where it has ended without a result. */
  failure: z.string().optional(),
  /** Attempts that ended, and attempts whose worker was lost. */
  attempts: z.number(),
  stalls: z.number(),
  /** What a search looks at and what a list shows; none where it was erased. */
  search: z.string().optional(),
  excerpt: z.string().optional(),
  erasedAt: z.number().optional(),
});
export type ArchivedJob = z.infer<typeof archivedJobSchema>;

/** A job was erased on demand: what other lines say of its input and output counts no more. */
export const tombstoneSchema = z.object({ type: z.literal('erased'), id: z.string(), erasedAt: z.number() });
export type Tombstone = z.infer<typeof tombstoneSchema>;

/** Of a job: its webhook has yet to be told of the end. */
export const pendingWebhookSchema = z.object({
  type: z.literal('webhook'),
  id: z.string(),
  /** Whether it has been told of the start. */
  startIsTold: z.boolean(),
});
export type PendingWebhook = z.infer<typeof pendingWebhookSchema>;

export const archiveLineSchema = z.discriminatedUnion('type', [
  archivedJobSchema,
  tombstoneSchema,
  pendingWebhookSchema,
]);
export type ArchiveLine = z.infer<typeof archiveLineSchema>;

export const formatLine = (line: ArchiveLine) => `${JSON.stringify(line)}\n`;

/** Undefined for what is cut off, or of a version that we don't know. */
export const parseLine = (line: string): ArchiveLine | undefined => archiveLineSchema.safeParse(parseJson(line)).data;

/** The lines of a file that can be read. */
export function parseLines(text: string): ArchiveLine[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? []);
}

/** Id and type of a line, also of one that only another version can read whole. */
export const headOf = (line: string): { type: string; id: string } | undefined =>
  z.object({ type: z.string(), id: z.string() }).safeParse(parseJson(line)).data;

/** The job without what it was given and gave. */
export function withoutContent(job: ArchivedJob, erasedAt: number): ArchivedJob {
  const { search: _search, excerpt: _excerpt, result, terms, ...rest } = job;
  const { webhook: _webhook, ...bareTerms } = terms;
  const bareResult = result && { result: { ...result, output: null } };
  return { ...rest, input: null, options: {}, terms: bareTerms, ...bareResult, erasedAt };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
