import { createHash } from 'node:crypto';
import { formatLine, withoutContent } from '@slipway/contract/archive';
import { forgetErased, readErased } from '@slipway/queue/archive/erased';
import { markArchived, readFinished } from '@slipway/queue/archive/finished';
import { readOpen } from '@slipway/queue/archive/open-jobs';
import type { Queues } from '@slipway/queue/queues';
import type { Log } from '@slipway/runtime/log';
import { erase, fileLength, isExpired, isFull, isJobsFile, isSnapshotFile, jobsFile, snapshotFile } from './files.ts';
import type { Hub } from './hub.ts';

export interface PushDeps {
  hub: Hub;
  queues: Queues;
  log: Log;
  jobTtlSeconds: number;
  /** Makes the names of the files this process' own. */
  boot: string;
}

/** What one push takes of ended jobs and of open ones at most, in characters of JSON: it all lies in memory. */
const mostFinished = 8 * 1024 ** 2;
const mostOpen = 16 * 1024 ** 2;
/** Most erased jobs, and most files of earlier pushes that are written anew for them. */
const mostErased = 1_000;
const mostRewritten = 8;
/** Most files that one push removes: with those that it puts, less than a hundred. */
const mostRemoved = 50;

export interface Pusher {
  /**
   * Brings the archive up to date in one commit, or in none where nothing is new. True where more waits than one push
   * takes. `replaces`: also removes snapshots of earlier boots and what has expired; only after a restore. Throws a
   * HubFault, or CodedError `queue_unavailable`; then the next push does what this one should have.
   */
  push(replaces: boolean): Promise<boolean>;
}

export function createPusher({ hub, queues, log, jobTtlSeconds, boot }: PushDeps): Pusher {
  const bootMs = Date.now();
  let filesBegun = 0;
  /** Of all our files: one whose commit seemed to fail gets the same name again, for the commit may have happened. */
  const names: string[] = [];
  /** The file that still takes lines, as it lies on the Hub. */
  let last: { path: string; text: string } | undefined;
  /** The files on the Hub. Undefined: to be asked, since nobody knows whether a commit that failed has happened. */
  let there: Set<string> | undefined;
  /** Hashes of our snapshot's files. */
  let snapshot: string[] = [];

  async function push(replaces: boolean): Promise<boolean> {
    const nowMs = Date.now();
    there ??= new Set((await hub.list()).keys());
    const put = new Map<string, string>();

    // the open ones first: a job that ends meanwhile is then in both, and its end counts
    const open = await readOpen(queues, mostOpen);
    if (open.leftOut > 0) log.warn({ jobs: open.leftOut }, 'open jobs are too large to be kept in the archive');
    const erased = await readErased(queues, mostErased);
    const batch = await readFinished(queues, mostFinished);
    const gone = new Map(erased.map(({ id, erasedAt }) => [id, erasedAt]));
    const jobs = batch.jobs.map((job) => withoutContentIf(job, gone.get(job.id)));
    const tombstones = erased.map(({ id, erasedAt }) => ({ type: 'erased' as const, id, erasedAt }));
    const { fileOf, end } = append([...tombstones, ...jobs], put, nowMs);
    if (end.last) put.set(end.last.path, end.last.text);
    const unwritten = await rewrite(erased, gone, put);
    // as it is after the erasures, for it is sent again
    if (end.last) end.last = { path: end.last.path, text: put.get(end.last.path) ?? '' };
    if (end.last && end.last.text === last?.text) put.delete(end.last.path);

    const parts = partsOf([...open.jobs, ...open.webhooks].map(formatLine));
    const hashes = parts.map((part) => createHash('sha256').update(part).digest('base64'));
    for (const [i, part] of parts.entries())
      if (hashes[i] !== snapshot[i]) put.set(snapshotFile(boot, bootMs, i), part);

    const ours = new Set(parts.map((_, i) => snapshotFile(boot, bootMs, i)));
    const isStale = (path: string) =>
      isSnapshotFile(path) ? !ours.has(path) && (replaces || path.includes(boot)) : replaces && isOver(path, nowMs);
    const stale = [...there].filter((path) => isStale(path) && !put.has(path));
    const remove = stale.toSorted(snapshotsFirst).slice(0, mostRemoved);
    if (put.size + remove.length === 0) return false;

    const known = there;
    there = undefined;
    const title = `${jobs.length} ended, ${open.jobs.length} open`;
    await hub.commit(title, { put, remove });
    there = new Set([...known, ...put.keys()].filter((path) => !remove.includes(path)));
    last = end.last;
    filesBegun = end.filesBegun;
    snapshot = hashes;
    await markArchived(queues, batch, fileOf);
    await forgetErased(
      queues,
      erased.map(({ id }) => id).filter((id) => !unwritten.has(id)),
    );
    log.info({ ended: jobs.length, open: open.jobs.length, erased: erased.length }, 'archived');
    return batch.isFull;
  }

  const snapshotsFirst = (a: string, b: string) => Number(isSnapshotFile(b)) - Number(isSnapshotFile(a));
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

  /** Takes what was erased out of the files that hold it. Gives those whose files have to wait for the next push. */
  async function rewrite(
    erased: Awaited<ReturnType<typeof readErased>>,
    gone: ReadonlyMap<string, number>,
    put: Map<string, string>,
  ): Promise<Set<string>> {
    const files = [...new Set(erased.map(({ file }) => file))].filter((file) => file !== undefined);
    const now = new Set(files.slice(0, mostRewritten));
    for (const file of now) {
      const text = put.get(file) ?? (await hub.read(file));
      if (text !== undefined) put.set(file, erase(text, gone));
    }
    return new Set(erased.filter(({ file }) => file !== undefined && !now.has(file)).map(({ id }) => id));
  }

  return {
    async push(replaces) {
      try {
        return await push(replaces);
      } catch (error) {
        there = undefined;
        throw error;
      }
    },
  };
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
