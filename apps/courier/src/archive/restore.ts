import { type ArchivedJob, headOf, type PendingWebhook, parseLine, withoutContent } from '@slipway/contract/archive';
import { taskOfJobId } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { noteErased } from '@slipway/queue/archive/erased';
import { restoreFinished, restoreOpen, restoreWebhook } from '@slipway/queue/archive/restore';
import { eraseJob } from '@slipway/queue/erase';
import { getJob } from '@slipway/queue/inspect';
import type { Queues } from '@slipway/queue/queues';
import type { Log } from '@slipway/runtime/log';
import { isJobsFile, isSnapshotFile, timeOf } from './files.ts';
import type { Hub, HubFile } from './hub.ts';

export interface RestoreDeps {
  queues: Queues;
  log: Log;
  /** What restored jobs that have ended may take, in bytes of the archive: the newest come first. */
  maxBytes: number;
  /** What the names of this process' own files hold. */
  boot: string;
}

export interface Restored {
  files: Map<string, HubFile>;
  /** Whether some of the jobs ran when their container went. */
  hasLost: boolean;
}

export interface Restore {
  /**
   * Brings what the archive holds into Redis: jobs that have ended, then those that waited or ran, then the webhooks that
   * are yet to be told. A job that Redis has already stays as it is, so it can be done at any time and again, and goes on
   * where it broke off; once it is done, it reads only what a container that we replace has pushed since. `isKnown`: this
   * Redis has it all already. Throws a HubFault, or CodedError `queue_unavailable`.
   */
  run(hub: Hub, isKnown: boolean): Promise<Restored>;
  /** Whether all of a snapshot, as it lies there, is in Redis or in `carried`. */
  has(path: string, file: HubFile): boolean;
  /** Lines of open jobs that only another version can bring back. */
  carried: ReadonlySet<string>;
}

/** Files that are fetched at once, and jobs that are written at once. */
const atOnce = 4;
const jobsAtOnce = 100;
/** Larger ones are none of ours, in bytes. */
const largestFile = 64 * 1024 ** 2;

/**
 * How long a container that we replace may still push, in milliseconds. What comes later is of an instance that shares the
 * dataset with us: its open jobs are not ours to run.
 */
const replacingMs = 15 * 60_000;

export function createRestore({ queues, log, maxBytes, boot }: RestoreDeps): Restore {
  const bootMs = Date.now();
  /** What each file held when it was read. */
  const oids = new Map<string, string>();
  const restored = new Set<string>();
  const erasedAt = new Map<string, number>();
  const ended = new Set<string>();
  const carried = new Set<string>();
  let webhooks: PendingWebhook[] = [];
  /** Whose webhooks are yet to be looked at. */
  const fresh = new Set<string>();
  let bytes = 0;
  let unreadable = 0;
  let hasLost = false;
  let isDone = false;

  async function restoreFile(path: string, text: string): Promise<void> {
    bytes += text.length;
    const hasRoom = bytes <= maxBytes;
    const lines = linesOf(text).flatMap((line) => parseLine(line) ?? []);
    unreadable += linesOf(text).length - lines.length;
    for (const line of lines) if (line.type === 'erased') await eraseHere(line.id, line.erasedAt);
    const jobs = lines.filter((line) => line.type === 'job');
    for (let i = 0; i < jobs.length; i += jobsAtOnce)
      await Promise.all(jobs.slice(i, i + jobsAtOnce).map((job) => restoreEnded(job, path, hasRoom)));
  }

  async function eraseHere(id: string, at: number): Promise<void> {
    erasedAt.set(id, at);
    // its file was read before the one that says so, which clocks that were set back can bring about
    if (!restored.has(id)) return;
    try {
      if (!(await getJob(queues, id)).erasedAt) await eraseJob(queues, id);
    } catch (error) {
      const isGone = error instanceof CodedError && error.code === 'job_not_found';
      if (!isGone) throw error;
    }
  }

  async function restoreEnded(job: ArchivedJob, path: string, hasRoom: boolean): Promise<void> {
    ended.add(job.id);
    const at = erasedAt.get(job.id);
    // the container that erased it was gone before it came to this file
    if (at !== undefined && job.erasedAt === undefined) await noteErased(queues, job.id, at, path);
    if (!hasRoom) return;
    const kept = at === undefined ? job : withoutContent(job, at);
    if (!(await restoreFinished(queues, kept, path))) return;
    restored.add(job.id);
    fresh.add(job.id);
  }

  async function restoreSnapshot(text: string, isKnown: boolean): Promise<number> {
    let count = 0;
    for (const raw of linesOf(text)) {
      const line = parseLine(raw);
      const { type, id = '' } = headOf(raw) ?? {};
      if (type === undefined) unreadable += 1;
      if (type === undefined || ended.has(id) || erasedAt.has(id)) {
        if (line?.type === 'webhook' && !isKnown) webhooks.push(line);
        continue;
      }
      if (line === undefined || (line.type === 'job' && !taskOfJobId(id))) carried.add(raw);
      else if (isKnown) continue;
      else if (line.type === 'webhook') webhooks.push(line);
      else if (line.type === 'job' && (await restoreOpen(queues, line))) {
        restored.add(id);
        fresh.add(id);
        hasLost ||= line.startedAt !== null;
        count += 1;
      }
    }
    return count;
  }

  /** The newest first: of what does not fit, the oldest stay away. */
  async function* newestFirst(hub: Hub, paths: string[]): AsyncGenerator<[path: string, text: string]> {
    const sorted = paths.toSorted().toReversed();
    for (let i = 0; i < sorted.length; i += atOnce) {
      const some = sorted.slice(i, i + atOnce);
      const texts = await Promise.all(some.map((path) => hub.read(path)));
      for (const [n, path] of some.entries()) {
        const text = texts[n];
        if (text !== undefined) yield [path, text]; // undefined: it was removed meanwhile
      }
    }
  }

  return {
    carried,
    has: (path, { size, oid }) => size === 0 || oids.get(path) === oid,
    async run(hub, isKnown) {
      const files = await hub.list();
      for (const path of oids.keys()) if (!files.has(path)) oids.delete(path);
      const isWanted = (path: string, { size, oid }: HubFile) =>
        (isJobsFile(path) || isSnapshotFile(path)) &&
        !path.includes(boot) &&
        size > 0 &&
        size <= largestFile &&
        oids.get(path) !== oid &&
        (!isDone || (Date.now() - bootMs < replacingMs && (isJobsFile(path) || (timeOf(path) ?? 0) < bootMs)));
      const paths = [...files].flatMap(([path, file]) => (isWanted(path, file) ? [path] : []));
      const done = (path: string) => oids.set(path, files.get(path)?.oid ?? '');
      const before = restored.size;
      let open = 0;
      if (isKnown) for (const path of paths.filter(isJobsFile)) done(path);
      for await (const [path, text] of newestFirst(hub, isKnown ? [] : paths.filter(isJobsFile))) {
        await restoreFile(path, text);
        done(path);
      }
      for await (const [path, text] of newestFirst(hub, paths.filter(isSnapshotFile))) {
        open += await restoreSnapshot(text, isKnown);
        done(path);
      }
      for (const { id, startIsTold } of webhooks) if (fresh.has(id)) await restoreWebhook(queues, id, startIsTold);
      webhooks = [];
      fresh.clear();
      const isNews = !isDone || paths.length > 0;
      isDone = true;
      if (!isNews) return { files, hasLost };
      log.info({ finished: restored.size - before - open, open }, 'restored what the archive holds');
      if (bytes > maxBytes)
        log.warn({ bytes, maxBytes }, 'the archive holds more than fits: older jobs were left there');
      if (carried.size > 0) log.warn({ jobs: carried.size }, 'open jobs of another version stay in the archive');
      if (unreadable > 0) log.warn({ lines: unreadable }, 'lines of the archive can not be read');
      return { files, hasLost };
    },
  };
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');
