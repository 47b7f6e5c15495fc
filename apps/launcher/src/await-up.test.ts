import type { Client } from '@slipway/client/client';
import type { Readiness } from '@slipway/contract/readiness';
import { expect, test } from 'vitest';
import { readinessWhenUp } from './await-up.ts';

const saying = (...answers: (Readiness | Error)[]): Client => {
  let asked = 0;
  const readiness = async () => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    if (answer === undefined || answer instanceof Error) throw answer;
    return answer;
  };
  return { readiness } as unknown as Client;
};
const withWorkers = (state: 'ok' | 'down'): Readiness => ({
  ready: state === 'ok',
  parts: [{ name: 'workers', state, reason: '' }],
  tasks: {},
});

test('it is up when a worker has called', async () => {
  const client = saying(new Error('no connection'), withWorkers('down'), withWorkers('ok'));
  expect(await readinessWhenUp(client, 60_000, false)).toEqual(withWorkers('ok'));
});

test('without a worker it is up late or never: only a Redis elsewhere may still come', async () => {
  const client = saying(withWorkers('down'));
  expect(await readinessWhenUp(client, 10, false)).toBeUndefined();
  expect(await readinessWhenUp(client, 10, true)).toEqual(withWorkers('down'));
  expect(await readinessWhenUp(saying(new Error('no connection')), 10, true)).toBeUndefined();
});
