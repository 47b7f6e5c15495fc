import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readinessSchema } from '@slipway/contract/readiness';
import { type HubStandIn, startHubStandIn } from '@slipway/courier/archive/test-hub';
import { makeModels } from '@slipway/models/make';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { childrenOf, processesNaming, type Stack, startStack } from './stack.ts';

const cleanUp: (() => unknown)[] = [];
let hub: HubStandIn;
let models: string;
beforeAll(async () => {
  models = await mkdtemp(path.join(tmpdir(), 'slipway-models-'));
  await makeModels(models, { slow: 1024 }); // about 40 ms a token: a job takes longer than the worker may drain
});
beforeEach(async () => {
  hub = await startHubStandIn();
});
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  await hub.close();
});
afterAll(async () => {
  await rm(models, { recursive: true, force: true });
});

/** A container with a new, empty disk. */
async function boot(env: Record<string, string> = {}): Promise<Stack> {
  const stack = await startStack({
    env: {
      HF_ENDPOINT: hub.endpoint,
      HF_DATASET_REPO: hub.dataset,
      HF_TOKEN: hub.token,
      MODEL_NAME: 'made/copier',
      LOCAL_MODEL_PATH: models,
      WORKER_CHILDREN: '1',
      ...env,
    },
  });
  cleanUp.push(stack.remove);
  return stack;
}

const slowText = 'The tide turned before noon and the crew waited for the pilot. '.repeat(60);
/** All that lies in the dataset. */
const archived = () =>
  hub
    .paths()
    .map((name) => hub.text(name))
    .join('');

/** The long job takes the only child, so the one behind it waits. */
async function oneOfEach({ client }: Stack) {
  const done = await client.submit('summarize', { text: 'The harbour is quiet today.' }, { engine: 'extractive' });
  const ended = await client.wait(done.id);
  const erased = await client.submit('summarize', { text: 'A secret of the pilot.' }, { engine: 'extractive' });
  await client.wait(erased.id);
  await client.erase(erased.id);
  const running = await client.submit('summarize', { text: slowText });
  await expect
    .poll(async () => (await client.get(running.id)).progress?.ratio ?? 0, { timeout: 30_000 })
    .toBeGreaterThan(0);
  const waiting = await client.submit('summarize', { text: 'This one waits its turn.' });
  return { ended, erased: erased.id, open: [running.id, waiting.id] };
}

async function expectAll({ client }: Stack, { ended, erased, open }: Awaited<ReturnType<typeof oneOfEach>>) {
  expect(await client.get(ended.id)).toEqual(ended);
  expect(await client.get(erased)).toMatchObject({ state: 'succeeded', erasedAt: expect.any(String) });
  for (const id of open) expect((await client.wait(id)).state).toBe('succeeded');
}

test('points 34, 37, 40: a container that is stopped and a new, empty one: ended jobs are read, open ones run', async () => {
  const first = await boot({ ENGINE: 'transformers' });
  const jobs = await oneOfEach(first);
  const startedAt = performance.now();
  expect(await first.stop()).toBe(0);
  console.info(`stopped in a job after ${Math.round(performance.now() - startedAt)} ms`);
  expect(hub.repository?.private).toBe(true);
  expect(archived()).not.toContain('secret of the pilot');
  await first.remove();
  await expectAll(await boot({ ENGINE: 'extractive' }), jobs);
});

test('points 37, 40: a container that is killed after a push and a new, empty one: ended jobs are read, open ones run', async () => {
  const first = await boot({ ENGINE: 'transformers', ARCHIVE_EVERY: '1' });
  const jobs = await oneOfEach(first);
  await expect
    .poll(() => [jobs.ended.id, jobs.erased, ...jobs.open].every((id) => archived().includes(id)), { timeout: 10_000 })
    .toBe(true);
  await killAll(first);
  await first.remove();
  await expectAll(await boot({ ENGINE: 'extractive', ARCHIVE_EVERY: '1' }), jobs);
});

test('point 39: a hub that goes away fails no job, and the house stops as ever', async () => {
  const stack = await boot({ ARCHIVE_EVERY: '1' });
  const first = await stack.client.submit('summarize', { text: 'Of before.' }, { engine: 'extractive' });
  await expect.poll(() => archived().includes(first.id), { timeout: 10_000 }).toBe(true);
  hub.accident = (_call, request) => !!request.socket.destroy();
  const { id } = await stack.client.submit('summarize', { text: 'Of meanwhile.' }, { engine: 'extractive' });
  expect(await stack.client.wait(id)).toMatchObject({ state: 'succeeded' });
  await expect.poll(stack.output, { timeout: 10_000 }).toContain('the archive is not up to date');
  await expect.poll(() => archivePart(stack)).toMatch(/^degraded: .*could not be reached/);
  hub.accident = undefined;
  await expect.poll(() => archived().includes(id), { timeout: 20_000 }).toBe(true);
  await expect.poll(() => archivePart(stack)).toMatch(/^ok: Up to date at .* No ended jobs wait/);
  hub.accident = (_call, request) => !!request.socket.destroy();
  const late = await stack.client.submit('summarize', { text: 'Of the end.' }, { engine: 'extractive' });
  await stack.client.wait(late.id);
  expect(await stack.stop()).toBe(0);
  expect(stack.output()).toContain('the last push failed');
  expect(stack.output()).not.toContain(hub.token);
});

/** What `/readyz` says of it. */
async function archivePart({ url }: Stack): Promise<string> {
  const answer = await fetch(`${url}/readyz`);
  const part = readinessSchema.parse(await answer.json()).parts.find(({ name }) => name === 'archive');
  return `${part?.state}: ${part?.reason}`;
}

/** The whole container at once, as when a machine goes: nobody gets to say anything. */
async function killAll(stack: Stack): Promise<void> {
  const pids = await family(await stack.supervisorPid());
  stack.kill('SIGKILL');
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended with its parent
    }
  }
  await stack.ended;
  await expect.poll(() => processesNaming(stack.runDir), { timeout: 10_000 }).toEqual([]);
}

async function family(pid: number): Promise<number[]> {
  const children = await Promise.all((await childrenOf(pid)).map(family));
  return [pid, ...children.flat()];
}
