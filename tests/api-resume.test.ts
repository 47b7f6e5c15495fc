import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Job } from '@slipway/contract/jobs';
import { EventSource } from 'eventsource';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ models: { slow: 512 }, env: { ENGINE: 'transformers', WORKER_CHILDREN: '1' } });
});
afterAll(() => stack.remove());

const long = 'The tide turned before noon and the crew waited. '.repeat(20);
const options = { engine: 'transformers', length: 'long' } as const;

/** Passes everything on to the house; of the first `cuts` streams it cuts each in the midst of its fourth event. */
async function cuttingRelay(port: number, cuts: number) {
  let left = cuts;
  const relay = createServer((caller) => {
    const house = connect(port, '127.0.0.1');
    let seen = '';
    caller.pipe(house);
    house.on('data', (bytes) => {
      const passed = seen.length;
      seen += bytes.toString('latin1');
      const fourth = [...seen.matchAll(/\nid: /g)][3];
      if (fourth === undefined || left === 0) return void caller.write(bytes);
      left -= 1;
      caller.end(Buffer.from(seen.slice(passed, fourth.index - 4), 'latin1'));
      house.destroy();
    });
    for (const socket of [caller, house]) socket.on('error', () => {});
    house.on('close', () => caller.end());
    caller.on('close', () => house.destroy());
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const { port: ours } = relay.address() as AddressInfo;
  return { url: `http://127.0.0.1:${ours}`, left: () => left, close: () => relay.close() };
}

/** Events with an id, of a stream that was read whole. */
const eventsOf = (text: string) =>
  [...text.matchAll(/^event: .*\ndata: (.*)\nid: (.*)$/gm)].map(([, data = '', id]) => ({ id, data }));

test('a stream that is cut several times has the events of one that is not: none is missing, none comes twice', async () => {
  const { urls } = await stack.client.submit('summarize', { text: long }, options);
  const relay = await cuttingRelay(stack.port, 3);
  const told: { id: string; data: string }[] = [];
  const source = new EventSource(relay.url + urls.events);
  try {
    for (const type of ['state', 'progress', 'output', 'log', 'done'])
      source.addEventListener(type, ({ lastEventId: id, data }) => void (id !== '' && told.push({ id, data })));
    await new Promise<void>((resolve) => source.addEventListener('done', () => resolve()));
  } finally {
    source.close();
    relay.close();
  }
  expect(relay.left()).toBe(0);
  const uncut = eventsOf(await (await fetch(stack.url + urls.events)).text());
  expect(told).toEqual(uncut);
});

test('a running job whose worker hangs is erased as soon as it goes on', { timeout: 90_000 }, async () => {
  const { id, urls } = await stack.client.submit('summarize', { text: long.repeat(20) }, options);
  for await (const event of stack.client.stream(id)) if (event.type === 'output') break;
  const worker = await stack.pid('worker');
  process.kill(worker, 'SIGSTOP');
  try {
    const answer = await fetch(stack.url + urls.self, { method: 'DELETE' });
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([202, expect.any(String)]);
    expect((await answer.json()) as Job).toMatchObject({ state: 'running', erasedAt: null });
  } finally {
    process.kill(worker, 'SIGCONT');
  }
  await expect
    .poll(() => stack.client.get(id), { timeout: 30_000 })
    .toMatchObject({
      state: 'canceled',
      erasedAt: expect.any(String),
    });
});
