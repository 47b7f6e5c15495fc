import { formatLine, headOf, parseLine, withoutContent } from '@slipway/contract/archive';

/** Names of the archive's files, and what is in them. The time in a name is that of its first line. */
const second = 1_000;
const hour = 3_600 * second;

/** A file takes lines until it has this many characters: each push sends the last file anew. */
export const fileLength = 2 * 1024 ** 2;
/** Or until it is so old, in milliseconds: a file goes as a whole when all that is in it has expired. */
export const openMs = 24 * hour;

const stamp = (ms: number) => new Date(ms).toISOString().replace(/[:.]/g, '-');

/** `boot` makes the name this process' own. Names sort by time. */
export const jobsFile = (boot: string, n: number, nowMs: number) => `jobs/${stamp(nowMs)}-${boot}-${n}.jsonl`;
export const snapshotFile = (boot: string, bootMs: number, n: number) => `open/${stamp(bootMs)}-${boot}-${n}.jsonl`;

export const isJobsFile = (path: string) => /^jobs\/[^/]+\.jsonl$/.test(path);
export const isSnapshotFile = (path: string) => /^open\/[^/]+\.jsonl$/.test(path);

/** When the first line of the file was written, in milliseconds since 1970; undefined for a name that is not ours. */
export function timeOf(path: string): number | undefined {
  const [, day, hours, minutes, rest, ms] = /^\w+\/(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z-/.exec(path) ?? [];
  return day === undefined ? undefined : Date.parse(`${day}T${hours}:${minutes}:${rest}.${ms}Z`);
}

export const isFull = (path: string, length: number, nowMs: number) =>
  length >= fileLength || nowMs - (timeOf(path) ?? 0) >= openMs;

/** Whether every job in the file has expired. */
export const isExpired = (path: string, ttlSeconds: number, nowMs: number) =>
  nowMs > (timeOf(path) ?? nowMs) + openMs + ttlSeconds * second;

/** A file without the content of these jobs. Every other line stays as it is, also what only another version can read. */
export function erase(text: string, erasedAt: ReadonlyMap<string, number>): string {
  return text
    .split(/(?<=\n)/)
    .map((line) => {
      const { type, id = '' } = headOf(line) ?? {};
      const at = erasedAt.get(id);
      if (type !== 'job' || at === undefined) return line;
      const job = parseLine(line);
      return formatLine(job?.type === 'job' ? withoutContent(job, at) : { type: 'erased', id, erasedAt: at });
    })
    .join('');
}
