/** Ids of all jobs by their time of submission, and of those of one key. What is gone is removed when it is met. */
export const allJobsKey = (prefix: string) => `${prefix}:slipway:jobs`;
export const ownJobsKey = (prefix: string, owner: string) => `${prefix}:slipway:jobs:${owner}`;

/** A job's hash, by its id alone: also that of a task which this version does not have. */
export const anyJobKey = (prefix: string, id: string) => `${prefix}:${id.slice(0, -idEndLength)}:${id}`;
/** An underscore and 22 characters follow the task's name (packages/contract/src/jobs.ts). */
const idEndLength = 23;

/** Fields of the job's hash for lists: what a search looks at, in lower case, and what a list shows. */
export const searchField = 'slipway:search';
export const excerptField = 'slipway:excerpt';

const excerptLength = 200;
const searchLength = 1_000;

/** The beginning of what a person wrote, its white space squeezed; undefined where the input is no text. */
export function beginningOf(input: unknown): string | undefined {
  const { text, messages } = (input ?? {}) as { text?: unknown; messages?: { content?: unknown }[] };
  const written = typeof text === 'string' ? text : messages?.at(-1)?.content;
  if (typeof written !== 'string') return undefined;
  // cut before the white space is squeezed: the whole may be megabytes
  // and only what is not one space already: a replacement costs more than the look
  return written
    .slice(0, searchLength)
    .replace(/\s{2,}|[^\S ]/g, ' ')
    .trim()
    .toWellFormed();
}

/** What a list shows of it. */
export const excerptOf = (beginning: string) => beginning.slice(0, excerptLength).toWellFormed();

export const searchTextOf = (id: string, beginning: string, tags: string[]) =>
  [id, ...tags, beginning].join('\n').toLowerCase();

/** Characters in all texts of a value: what run times are measured by. */
export function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, part) => sum + lengthOf(part), 0);
}
