import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@slipway/client/client';
import { connectConsumer } from '@slipway/queue/connection';
import { consume } from '@slipway/queue/consume';
import { createLog } from '@slipway/runtime/log';
import { QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import type { Stack } from '../tests/stack.ts';
import { median } from './api.ts';
import { printTable } from './table.ts';

const log = createLog('bench', 'error');
const jobs = 40;
/** A job runs for 20 to 120 ms, so that it never ends in step with a poll. */
const runMs = (i: number) => 20 + ((i * 37) % 100);

type Follow = (client: Client, id: string) => Promise<unknown>;

/** From the end of a run to the moment when who waits for it by `@slipway/client` knows, in ms, for each way of waiting. */
export async function measureLatency(stack: Stack): Promise<void> {
  const socket = path.join(stack.runDir, 'redis.sock');
  const ended = new Map<string, number>();
  let count = 0;
  const connection = connectConsumer(`unix://${socket}`, log);
  await drain(stack, socket);
  const consumer = consume({
    connection,
    tasks: ['summarize'],
    accepts: () => true,
    log,
    run: async ({ id, started }) => {
      started();
      count += 1;
      await sleep(runMs(count));
      ended.set(id, performance.now());
      const result = {
        output: { summary: 'Done.' },
        engine: 'extractive',
        engineReason: 'bench',
        model: null,
      } as const;
      return { ...result, inputTokens: 1, outputTokens: 1 };
    },
  });
  const listening = new Redis(socket, { maxRetriesPerRequest: null });
  const events = new QueueEvents('summarize', { connection: listening });
  await events.waitUntilReady();

  const ways: [name: string, follow: Follow][] = [
    ["BullMQ's own events, in this process", (_client, id) => bullmqEvent(events, id)],
    ['long poll (?wait=30)', longPoll],
    ['server-sent events', stream],
    ['client.wait', (client, id) => client.wait(id)],
    ['polling each second', poll],
  ];
  const rows: string[][] = [];
  for (const [name, follow] of ways) {
    const late: number[] = [];
    for (let i = 0; i < jobs; i += 1) late.push(await once1(stack, follow, ended));
    const sorted = late.toSorted((a, b) => a - b);
    rows.push([name, median(late).toFixed(1), (sorted[Math.floor(jobs * 0.95)] ?? 0).toFixed(1)]);
  }
  console.log(`\nms from the end of a run to its client, ${jobs} jobs each`);
  printTable(['way', 'median', '95 %'], rows);

  await events.close();
  listening.disconnect();
  await consumer.close();
  connection.disconnect();
}

/** The jobs of the measurements before are in the way. */
async function drain(_stack: Stack, socket: string): Promise<void> {
  const redis = new Redis(socket);
  await redis.flushall();
  redis.disconnect();
}

async function once1({ client }: Stack, follow: Follow, ended: Map<string, number>): Promise<number> {
  const { id } = await client.submit('summarize', { text: 'Some text.' });
  await follow(client, id);
  const known = performance.now();
  return known - (ended.get(id) ?? Number.NaN);
}

async function bullmqEvent(events: QueueEvents, id: string): Promise<void> {
  for (;;) {
    const [{ jobId }] = (await once(events as never, 'completed')) as [{ jobId: string }];
    if (jobId === id) return;
  }
}

async function longPoll(client: Client, id: string): Promise<void> {
  while ((await client.get(id, { waitSeconds: 30 })).finishedAt === null);
}

async function stream(client: Client, id: string): Promise<void> {
  for await (const { type } of client.stream(id)) if (type === 'done') return;
}

async function poll(client: Client, id: string): Promise<void> {
  while ((await client.get(id)).finishedAt === null) await sleep(1_000);
}
