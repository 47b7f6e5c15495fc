import { createHash } from 'node:crypto';
import { formatLine, parseLines, withoutContent } from '@slipway/contract/archive';
import { type Erased, forgetErased, readErased } from '@slipway/queue/archive/erased';
import { markArchived, readFinished } from '@slipway/queue/archive/finished';
import { readOpen } from '@slipway/queue/archive/open-jobs';
import { noteArchive } from '@slipway/queue/archive/state';
import { readErasing } from '@slipway/queue/erase';
import type { Queues } from '@slipway/queue/queues';
import type { Log } from '@slipway/runtime/log';
import {
  erase,
  fileLength,
  isExpired,
  isFull,
  isJobsFile,
  isSnapshotFile,
  jobsFile,
  openMs,
  snapshotFile,
} from './files.ts';
import type { Hub, HubFile } from './hub.ts';
import type { Restore } from './restore.ts';

export interface PushDeps {
  queues: Queues;
  log: Log;
  jobTtlSeconds: number;
  /** Makes the names of the files this process' own. */
  boot: string;
  restore: Pick<Restore, 'has' | 'carried'>;
  limits?: typeof pushLimits;
}

/** What one push takes at most. */
export const pushLimits = {
  /** Ended jobs, and open ones, in characters of JSON: it all lies in memory. */
  finished: 8 * 1024 ** 2,
  open: 16 * 1024 ** 2,
  /** Erased jobs, and files of earlier pushes that are written anew for them. */
  erased: 1_000,
  rewritten: 8,
  /** Files that are removed at once: with those that are put, less than a hundred. */
  removed: 50,
  /** From so many files on, small ones are put together: a start reads each of them. */
  files: 60,
};

export interface Pusher {
  /**
   * Brings the archive, which holds these `files`, up to date in one commit, or in none where nothing is new. True where
   * more waits than one push takes. `replaces`: also removes snapshots of earlier boots and what has expired; only after a
   * restore. Throws a HubFault, or CodedError `queue_unavailable`; then the next push does what this one should have.
   */
  push(hub: Hub, files: Map<string, HubFile>, replaces: boolean): Promise<boolean>;
  /**
   * Notes in Redis what the last commit brought to the archive, where Redis refused that then: without it the same would
   * be pushed again. Throws CodedError `queue_unavailable`.
   */
  settle(): Promise<void>;
}

export function createPusher({ limits = pushLimits, ...deps }: PushDeps): Pusher {
  const { queues, log, jobTtlSeconds, boot, restore } = deps;
  const bootMs = Date.now();
  let filesBegun = 0;
  /** Of all our files: one whose commit seemed to fail gets the same name again, for the commit may have happened. */
  const names: string[] = [];
  /** The file that still takes lines, as it lies on the Hub. */
  let last: { path: string; text: string } | undefined;
  /** Hashes of our snapshot's files. */
  let snapshot: string[] = [];
  let unsettled: (() => Promise<void>) | undefined;

  async function settle(): Promise<void> {
    await unsettled?.();
    unsettled = undefined;
  }

  async function push(hub: Hub, files: Map<string, HubFile>, replaces: boolean): Promise<boolean> {
    await settle();
    const nowMs = Date.now();
    const put = new Map<string, string>();
    if (last && !files.has(last.path)) last = undefined; // somebody has removed it

    // the open ones first: a job that ends meanwhile is then in both, and its end counts
    const open = await readOpen(queues, limits.open);
    // after the open ones, before the ended ones: one that was to be erased is in none of them with its content
    const erasing = await readErasing(queues);
    if (open.leftOut > 0) log.warn({ jobs: open.leftOut }, 'open jobs are too large to be kept in the archive');
    const erased = await readErased(queues, limits.erased);
    const batch = await readFinished(queues, limits.finished);
    const gone = new Map(erased.map(({ id, erasedAt }) => [id, erasedAt]));
    const openJobs = open.jobs.filter(({ id }) => !erasing.has(id) && !gone.has(id));
    const jobs = batch.jobs.map((job) => {
      const isToGo = erasing.has(job.id) && job.erasedAt === undefined;
      return withoutContentIf(job, gone.get(job.id) ?? (isToGo ? nowMs : undefined));
    });
    const others = [...files].filter(([path]) => isSnapshotFile(path) && !path.includes(boot));
    const unknown = others.filter(([path, file]) => !restore.has(path, file)).map(([path]) => path);
    if (replaces && unknown.length > 0)
      log.warn({ files: unknown }, 'another instance uses the same dataset: nothing is removed from it');
    const removes = replaces && unknown.length === 0;
    // an erasure may be of what is to be moved, so those come first
    const small = removes && gone.size === 0 ? await readSmall(hub, files, nowMs) : { paths: [], lines: [] };
    const moved = small.lines.filter((line) => line.type === 'job');
    const tombstones = [...gone].map(([id, erasedAt]) => ({ type: 'erased' as const, id, erasedAt }));
    const { fileOf, end } = append([...tombstones, ...jobs, ...small.lines], put, nowMs);
    if (end.last) put.set(end.last.path, end.last.text);
    const unwritten = await rewrite(hub, erased, gone, put);
    // as it is after the erasures, for it is sent again
    if (end.last) end.last = { path: end.last.path, text: put.get(end.last.path) ?? '' };
    if (end.last && end.last.text === last?.text) put.delete(end.last.path);

    const parts = partsOf([...openJobs, ...open.webhooks].map(formatLine).concat(carriedLines()));
    const hashes = parts.map((part) => createHash('sha256').update(part).digest('base64'));
    const ours = parts.map((_, i) => snapshotFile(boot, bootMs, i));
    // jobs that have ended and did not fit are open in the snapshot that is there, and nowhere else
    const renews = !batch.isFull;
    for (const [i, part] of parts.entries()) {
      const path = ours[i] ?? '';
      if (renews && (hashes[i] !== snapshot[i] || !files.has(path))) put.set(path, part);
    }

    const isStale = (path: string) => {
      if (!isSnapshotFile(path)) return removes && isOver(path, nowMs);
      return renews && !ours.includes(path) && (removes || path.includes(boot));
    };
    const stale = [...files.keys()].filter((path) => isStale(path) && !small.paths.includes(path) && !put.has(path));
    const remove = [...small.paths, ...stale.toSorted(snapshotsFirst).slice(0, limits.removed)];
    if (put.size + remove.length === 0) return false;

    const title = `${jobs.length} ended, ${openJobs.length} open`;
    const commit = await hub.commit(title, { put, remove });
    last = end.last;
    filesBegun = end.filesBegun;
    if (renews) snapshot = hashes;
    unsettled = async () => {
      await markArchived(queues, { ...batch, jobs: [...batch.jobs, ...moved] }, fileOf);
      const written = erased.filter(({ id }) => !unwritten.has(id));
      await forgetErased(queues, written);
      if (removes && commit !== undefined) await noteArchive(queues, { commit });
    };
    await settle();
    log.info({ ended: jobs.length, open: openJobs.length, erased: gone.size }, 'archived');
    return batch.isFull || unwritten.size > 0 || erased.length === limits.erased;
  }

  const snapshotsFirst = (a: string, b: string) => Number(isSnapshotFile(b)) - Number(isSnapshotFile(a));
  const carriedLines = () => [...restore.carried].map((line) => `${line}\n`);
  const isOver = (path: string, nowMs: number) => isJobsFile(path) && isExpired(path, jobTtlSeconds, nowMs);

  /** Adds lines to the last file, or to new ones. Nothing is kept of it before the commit. */
  function append(lines: Line[], put: Map<string, string>, nowMs: number) {
    const files = new Map<string, string>();
    const end = { last, filesBegun };
    for (const line of lines) {
      if (!end.last || isFull(end.last.path, end.last.text.length, nowMs)) {
        end.last = { path: nameOf(end.filesBegun, nowMs), text: '' };
        end.filesBegun += 1;
      }
      end.last = { path: end.last.path, text: end.last.text + formatLine(line) };
      put.set(end.last.path, end.last.text);
      if (line.type === 'job') files.set(line.id, end.last.path);
    }
    return { fileOf: (id: string) => files.get(id) ?? '', end };
  }

  function nameOf(n: number, nowMs: number): string {
    let name = names[n];
    if (name === undefined || isFull(name, 0, nowMs)) name = jobsFile(boot, n, nowMs);
    names[n] = name;
    return name;
  }

  /** The smallest of many files, and what is in them that has not expired. */
  async function readSmall(hub: Hub, files: Map<string, HubFile>, nowMs: number) {
    const paths: string[] = [];
    const lines: Line[] = [];
    const all = [...files].filter(([path]) => isJobsFile(path) && path !== last?.path);
    if (all.length < limits.files) return { paths, lines };
    const isClosed = (path: string, file: HubFile) => path.includes(boot) || restore.has(path, file);
    const small = all.filter(([path, file]) => file.size < fileLength / 4 && isClosed(path, file));
    small.sort(([, a], [, b]) => a.size - b.size);
    for (const [path] of small.slice(0, limits.rewritten)) {
      const text = (await hub.read(path)) ?? '';
      const read = parseLines(text);
      if (read.length < text.split('\n').filter((line) => line !== '').length) continue; // of another version
      paths.push(path);
      lines.push(...read.filter((line) => isAlive(line, nowMs)));
    }
    return { paths, lines };
  }

  /** A tombstone outlives what it is of: an old snapshot may still have that. */
  function isAlive(line: Line, nowMs: number): boolean {
    const at = line.type === 'job' ? line.finishedAt : line.type === 'erased' ? line.erasedAt + openMs : null;
    return at !== null && at + jobTtlSeconds * 1_000 > nowMs;
  }

  /** Takes what was erased out of the files that hold it. Gives the ids whose files have to wait for the next push. */
  async function rewrite(
    hub: Hub,
    erased: Erased[],
    gone: ReadonlyMap<string, number>,
    put: Map<string, string>,
  ): Promise<Set<string>> {
    const now = new Set([...new Set(erased.flatMap(({ files }) => files))].slice(0, limits.rewritten));
    for (const file of now) {
      const text = put.get(file) ?? (await hub.read(file));
      if (text !== undefined) put.set(file, erase(text, gone));
    }
    return new Set(erased.filter(({ files }) => files.some((file) => !now.has(file))).map(({ id }) => id));
  }

  return { push, settle };
}

type Line = Parameters<typeof formatLine>[0];
type JobLine = Extract<Line, { type: 'job' }>;

const withoutContentIf = (job: JobLine, erasedAt: number | undefined) =>
  erasedAt === undefined ? job : withoutContent(job, erasedAt);

/** Lines in texts of about `fileLength`; none for no line. */
function partsOf(lines: string[]): string[] {
  const parts: string[] = [];
  for (const line of lines) {
    const part = parts.at(-1);
    if (part === undefined || part.length + line.length > fileLength) parts.push(line);
    else parts[parts.length - 1] = part + line;
  }
  return parts;
}
