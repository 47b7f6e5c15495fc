import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openQueues } from '@slipway/queue/queues';
import { submitJob } from '@slipway/queue/submit';
import { createLog } from '@slipway/runtime/log';
import { Redis } from 'ioredis';
import { startStack } from '../tests/stack.ts';
import { median } from './api.ts';
import { printTable } from './table.ts';

const streams = 1_000;
const atOnce = 50;
const canceled = 60;
/** Long enough for two looks at each job that nothing is told of, and for what the memory's keeper leaves lying. */
const restMs = 12_000;
const text = 'The tide turned before noon and the crew waited for the harbour pilot. '.repeat(60).slice(0, 4_096);

const options = { engine: 'auto', length: 'short', format: 'paragraph' } as const;

interface Stream {
  id: string;
  answer: IncomingMessage;
  /** When its last event came, by `performance.now()`. */
  done: Promise<number>;
}

/**
 * `npm run bench -- streams`: what a thousand open streams of events, through nginx, cost the gateway's one process as the
 * house runs it, and how soon they tell. No worker runs meanwhile.
 */
export async function measureStreams(): Promise<void> {
  const stack = await startStack({ env: { RATE_LIMIT: 'off', LOG_LEVEL: 'warn' } });
  const worker = await stack.pid('worker');
  const gateway = await stack.pid('gateway');
  const socket = path.join(stack.runDir, 'redis.sock');
  const admin = new Redis(socket);
  const queues = openQueues({ url: `unix://${socket}`, log: createLog('bench', 'error'), jobTtlSeconds: 3_600 });
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * streams });
  const send = (method: string, url: string) => ask(new URL(url, stack.url), { agent, method });
  const look = () => lookAt(gateway, admin);
  stack.kill('SIGSTOP'); // the launcher would take the worker for one that hangs
  process.kill(worker, 'SIGSTOP');
  try {
    while (!(await queues.use(async () => true).catch(() => false))) await sleep(5);
    // not through the gateway: what submissions leave in its memory is another matter
    const ids = await inTurns(streams, async () => (await submitJob(queues, 'summarize', { text }, options)).id);
    const before = await look();
    const startedAt = performance.now();
    const open = await inTurns(streams, async (i) => openStream(ids[i] ?? '', send));
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = await look();
    await sleep(restMs);
    const rested = await look();
    const share = (100 * (rested.cpuMs - after.cpuMs)) / (rested.atMs - after.atMs);
    const late = await cancelSome(open, send);

    console.log(`\n${streams} streams on waiting jobs, opened in ${seconds.toFixed(1)} s, ${atOnce} at once`);
    printTable(
      ['one gateway process', 'before', 'opened', `${restMs / 1_000} s later`],
      [
        ['resident memory, MB', ...[before, after, rested].map(({ rss }) => (rss / 1e6).toFixed(0))],
        [
          'more for each stream, kB',
          '',
          ...[after, rested].map(({ rss }) => ((rss - before.rss) / streams / 1e3).toFixed(1)),
        ],
        [
          'connections to Redis, all processes',
          ...[before, after, rested].map(({ connections }) => String(connections)),
        ],
      ],
    );
    console.log(
      `most memory ever: ${(rested.peak / 1e6).toFixed(0)} MB; a core is busy for ${share.toFixed(1)} % meanwhile`,
    );
    console.log(`\nms from the cancel of a job to the last event at its client, ${canceled} jobs`);
    const sorted = late.toSorted((a, b) => a - b);
    printTable(
      ['median', '95 %', 'worst'],
      [[median(late), sorted[Math.floor(canceled * 0.95)], sorted.at(-1)].map((ms) => (ms ?? 0).toFixed(1))],
    );
    for (const { answer } of open) answer.destroy();
  } finally {
    agent.destroy();
    admin.disconnect();
    await queues.close();
    process.kill(worker, 'SIGCONT');
    stack.kill('SIGCONT');
    await stack.remove();
  }
}

async function inTurns<T>(count: number, make: (i: number) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let from = 0; from < count; from += atOnce)
    all.push(...(await Promise.all(Array.from({ length: atOnce }, (_, i) => make(from + i)))));
  return all;
}

type Send = (method: string, url: string) => Promise<IncomingMessage>;

async function ask(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  const [answer] = (await once(request(url, options).end(), 'response')) as [IncomingMessage];
  if ((answer.statusCode ?? 500) >= 400) throw new Error(`${answer.statusCode}: ${await textOf(answer)}`);
  return answer;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let whole = '';
  for await (const chunk of answer.setEncoding('utf8')) whole += chunk;
  return whole;
}

/** Resolves with the first event. */
async function openStream(id: string, send: Send): Promise<Stream> {
  const answer = (await send('GET', `/api/v1/jobs/${id}/events`)).setEncoding('utf8');
  answer.on('error', () => {}); // it is cut at the end
  const done = new Promise<number>((resolve) => {
    answer.on('data', (chunk: string) => chunk.includes('event: done') && resolve(performance.now()));
  });
  await once(answer, 'data');
  return { id, answer, done };
}

/** One after the other, all over the line. */
async function cancelSome(open: Stream[], send: Send): Promise<number[]> {
  const late: number[] = [];
  for (let i = 0; i < canceled; i += 1) {
    const stream = open[Math.floor((i * open.length) / canceled)];
    if (!stream) break;
    const canceledAt = performance.now();
    const answer = send('POST', `/api/v1/jobs/${stream.id}/cancel`).then(textOf);
    late.push((await stream.done) - canceledAt);
    await answer;
  }
  return late;
}

/** Bytes and milliseconds of a process, as Linux counts them, and the connections that Redis has from the whole house. */
async function lookAt(pid: number, admin: Redis) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  const list = (await admin.client('LIST')) as string;
  return {
    rss: kilobytes('VmRSS') * 1_024,
    peak: kilobytes('VmHWM') * 1_024,
    cpuMs: (Number(stat[11]) + Number(stat[12])) * 10,
    atMs: performance.now(),
    connections: list.trim().split('\n').length - 2, // but those of this process
  };
}
