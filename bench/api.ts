import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Job } from '@slipway/contract/jobs';
import autocannon from 'autocannon';
import { freePort, type Stack, startStack } from '../tests/stack.ts';
import { measureLatency } from './api-latency.ts';
import { printTable } from './table.ts';

/** Each side of each comparison is measured so often, in turn, and its median is taken. */
const rounds = 3;
const seconds = 4;
const connections = 32;
const text = 'The tide turned before noon and the crew waited for the harbour pilot. '.repeat(60).slice(0, 4_096);

/**
 * `npm run bench -- api`: the whole stack, nginx in front, beside the fewest lines that people write by hand, on one Redis
 * in one run. No worker runs while requests are counted.
 */
export async function measureApi(): Promise<void> {
  const stack = await startStack({
    env: { RATE_LIMIT: 'off', MAX_QUEUE_DEPTH: '1000000', MAX_QUEUE_BYTES: String(2 ** 40), LOG_LEVEL: 'warn' },
  });
  const worker = await stack.pid('worker');
  const bare = await startBare(stack);
  try {
    stack.kill('SIGSTOP'); // the launcher would take the worker for one that hangs
    process.kill(worker, 'SIGSTOP');
    await measureRequests(stack, bare.url);
    await measureLatency(stack);
  } finally {
    process.kill(worker, 'SIGCONT');
    stack.kill('SIGCONT');
    bare.process.kill();
    await stack.remove();
  }
}

async function startBare(stack: Stack): Promise<{ url: string; process: ChildProcess }> {
  const port = await freePort();
  const entry = path.join(import.meta.dirname, 'api-bare.ts');
  const child = spawn(process.execPath, [entry, path.join(stack.runDir, 'redis.sock'), String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return { url: `http://127.0.0.1:${port}`, process: child };
}

async function measureRequests(stack: Stack, bareUrl: string): Promise<void> {
  const body = JSON.stringify({ task: 'summarize', input: { text } });
  const bareBody = JSON.stringify({ text });
  const { id } = (await post(`${stack.url}/api/v1/jobs`, body)) as Job;
  const { id: bareId } = (await post(`${bareUrl}/jobs`, bareBody)) as { id: string };
  const rows = [
    await compare(
      'submit, 4 KB',
      { url: `${stack.url}/api/v1/jobs`, body },
      { url: `${bareUrl}/jobs`, body: bareBody },
    ),
    await compare('status', { url: `${stack.url}/api/v1/jobs/${id}` }, { url: `${bareUrl}/jobs/${bareId}` }),
  ];
  console.log(`\n${connections} connections, ${seconds} s each, median of ${rounds} rounds in turn`);
  printTable(['requests a second', 'nginx + gateway', 'bare Hono + BullMQ', 'ratio'], rows);
}

interface Target {
  url: string;
  body?: string;
}

async function compare(name: string, ours: Target, bare: Target): Promise<string[]> {
  const measured: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round += 1) {
    measured.ours.push(await load(ours));
    measured.bare.push(await load(bare));
  }
  const [a, b] = [median(measured.ours), median(measured.bare)];
  return [name, a.toFixed(0), b.toFixed(0), `${(a / b).toFixed(2)} ×`];
}

/** Requests a second; throws where any failed, for then something else was measured. */
async function load({ url, body }: Target): Promise<number> {
  const post = { method: 'POST', body, headers: { 'content-type': 'application/json' } } as const;
  const result = await autocannon({ url, connections, duration: seconds, ...(body !== undefined && post) });
  if (result.non2xx + result.errors + result.timeouts > 0)
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} errors, ${result.timeouts} time-outs`);
  return result.requests.average;
}

async function post(url: string, body: string): Promise<unknown> {
  const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return answer.json();
}

export function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
