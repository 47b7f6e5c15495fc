import { type ArchivedJob, type PendingWebhook, parseLines, withoutContent } from '@slipway/contract/archive';
import { CodedError } from '@slipway/contract/problems';
import { isRestored, restoreFinished, restoreOpen, restoreWebhook, setRestored } from '@slipway/queue/archive/restore';
import { eraseJob } from '@slipway/queue/erase';
import { getJob } from '@slipway/queue/inspect';
import type { Queues } from '@slipway/queue/queues';
import type { Log } from '@slipway/runtime/log';
import { isJobsFile, isSnapshotFile } from './files.ts';
import type { Hub } from './hub.ts';

export interface RestoreDeps {
  hub: Hub;
  queues: Queues;
  log: Log;
  /** What restored jobs that have ended may take, in bytes of the archive: the newest come first. */
  maxBytes: number;
}

/** Files that are fetched at once, and jobs that are written at once. */
const atOnce = 4;
const jobsAtOnce = 100;
/** Larger ones are none of ours, in bytes. */
const largestFile = 64 * 1024 ** 2;

/**
 * Brings what the archive holds into Redis: jobs that have ended, then those that waited or ran, then the webhooks that
 * are yet to be told. A job that Redis has already stays as it is, so a restore that broke off can be done again, by the
 * same function: it knows what it has restored. Throws a HubFault, or CodedError `queue_unavailable`.
 */
export function createRestore({ hub, queues, log, maxBytes }: RestoreDeps): () => Promise<void> {
  const restored = new Set<string>();
  const erasedAt = new Map<string, number>();
  const ended = new Set<string>();

  async function restoreFile(path: string, text: string, hasRoom: boolean): Promise<void> {
    const lines = parseLines(text);
    for (const line of lines) if (line.type === 'erased') await noteErased(line.id, line.erasedAt);
    const jobs = lines.filter((line) => line.type === 'job');
    for (let i = 0; i < jobs.length; i += jobsAtOnce)
      await Promise.all(jobs.slice(i, i + jobsAtOnce).map((job) => restoreEnded(job, path, hasRoom)));
  }

  async function noteErased(id: string, at: number): Promise<void> {
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
    if (!hasRoom) return;
    const at = erasedAt.get(job.id);
    const kept = at === undefined ? job : withoutContent(job, at);
    if (await restoreFinished(queues, kept, path)) restored.add(job.id);
  }

  async function restoreSnapshot(text: string, webhooks: PendingWebhook[]): Promise<number> {
    let count = 0;
    for (const line of parseLines(text)) {
      if (line.type === 'webhook') webhooks.push(line);
      if (line.type !== 'job' || ended.has(line.id) || erasedAt.has(line.id)) continue;
      if (!(await restoreOpen(queues, line))) continue;
      restored.add(line.id);
      count += 1;
    }
    return count;
  }

  /** The newest first: of what does not fit, the oldest stay away. */
  async function* newestFirst(paths: string[]): AsyncGenerator<[path: string, text: string]> {
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

  return async () => {
    if (await isRestored(queues)) return;
    const sizes = await hub.list();
    const paths = [...sizes].filter(([, size]) => size > 0 && size <= largestFile).map(([path]) => path);
    let bytes = 0;
    for await (const [path, text] of newestFirst(paths.filter(isJobsFile))) {
      bytes += text.length;
      await restoreFile(path, text, bytes <= maxBytes);
    }
    const finished = restored.size;
    const webhooks: PendingWebhook[] = [];
    let open = 0;
    for await (const [, text] of newestFirst(paths.filter(isSnapshotFile)))
      open += await restoreSnapshot(text, webhooks);
    for (const { id, startIsTold } of webhooks) if (restored.has(id)) await restoreWebhook(queues, id, startIsTold);
    await setRestored(queues);
    log.info({ finished, open }, 'restored what the archive holds');
    if (bytes > maxBytes) log.warn({ bytes, maxBytes }, 'the archive holds more than fits: older jobs were left there');
  };
}
