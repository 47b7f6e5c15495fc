import { randomUUID } from 'node:crypto';
import { cancelJob } from '@slipway/queue/cancel';
import { getJob } from '@slipway/queue/inspect';
import type { Queues } from '@slipway/queue/queues';
import { submit, testQueues } from '@slipway/queue/test-queues';
import { log } from '../test-courier.ts';
import { type Archiver, type ArchiverOptions, openArchiver } from './archiver.ts';
import { openHub } from './hub.ts';
import { createPusher } from './push.ts';
import { createRestore } from './restore.ts';
import { type HubStandIn, startHubStandIn } from './test-hub.ts';

/** A long time, in milliseconds: no test waits for it. */
export const never = 3_600_000;

export const isThere = (queues: Queues, id: string) =>
  getJob(queues, id).then(
    () => true,
    () => false,
  );

/** A job that has ended. */
export async function canceled(queues: Queues, text?: string): Promise<string> {
  const id = await submit(queues, text);
  await cancelJob(queues, id);
  return id;
}

/** Containers that come and go, one after the other, with one dataset on a hub of our own. */
export async function testArchive(redisUrl: string) {
  const { open, work, close } = testQueues(redisUrl);
  const standIn: HubStandIn = await startHubStandIn();
  const archivers: Archiver[] = [];

  function archive(queues: Queues, options: Partial<ArchiverOptions> = {}): Archiver {
    const { endpoint, dataset, token } = standIn;
    const archiver = openArchiver({
      hub: { endpoint, dataset, token },
      queues,
      log,
      jobTtlSeconds: 60,
      everyMs: never,
      restoreMaxBytes: 1024 ** 2,
      boot: randomUUID().slice(0, 8),
      againMs: 1,
      ...options,
    });
    archivers.push(archiver);
    return archiver;
  }

  /** Pushes when it is told to, and not by itself. Starts with a restore. */
  async function pusher(queues: Queues, on: Partial<ArchiverOptions> = {}) {
    const { endpoint, dataset, token } = standIn;
    const given = { queues, log, jobTtlSeconds: 60, maxBytes: 1024 ** 2, boot: randomUUID().slice(0, 8), ...on };
    const hub = openHub({ endpoint, dataset, token });
    const restore = createRestore(given);
    const { push } = createPusher({ ...given, restore });
    await hub.prepare();
    await restore.run(hub, false);
    return async () => push(hub, (await restore.run(hub, false)).files, true);
  }

  /** A container: an empty Redis and its archiver, restored. */
  async function boot(options: Partial<ArchiverOptions> = {}) {
    const prefix = randomUUID();
    const queues = await open(prefix);
    const archiver = archive(queues, options);
    await archiver.restored(never);
    return { prefix, queues, archiver };
  }

  /** All that lies in the dataset. */
  const content = () =>
    standIn
      .paths()
      .map((path) => standIn.text(path))
      .join('');

  const files = () => standIn.repository?.files ?? new Map<string, Buffer>();
  /** Where the open jobs lie. */
  const snapshots = () => standIn.paths().filter((path) => path.startsWith('open/'));

  return {
    standIn,
    open,
    work,
    archive,
    pusher,
    boot,
    content,
    files,
    snapshots,
    async close() {
      standIn.accident = undefined;
      await Promise.all(archivers.map((archiver) => archiver.close(0)));
      await standIn.close();
      await close();
    },
  };
}
