import { expect, test } from 'vitest';
import { createCrashCounter, doorIsDead, endedProcess, worthReading } from './watchdog.ts';

test('six ends of one process within a minute are too many', () => {
  const ended = createCrashCounter();
  const told = [0, 1, 2, 3, 4].map((second) => ended('gateway', second * 1_000));
  expect(told).toEqual([false, false, false, false, false]);
  expect(ended('worker', 5_000)).toBe(false); // another process
  expect(ended('gateway', 59_999)).toBe(true);
});

test('ten ends of one process within ten minutes are too many, though it lives 14 s each time', () => {
  const ended = createCrashCounter();
  const told = Array.from({ length: 10 }, (_, i) => ended('gateway', i * 14_000));
  expect(told.indexOf(true)).toBe(9);
});

test('a process that is killed now and then is brought back for ever', () => {
  const ended = createCrashCounter();
  expect(Array.from({ length: 50 }, (_, i) => ended('worker', i * 67_000))).not.toContain(true);
});

test('only a row without any answer is too long', async () => {
  const answers = [false, false, true, false, false, false];
  let asked = 0;
  await doorIsDead({ ask: async () => answers[asked++] ?? true, everyMs: 1, misses: 3 });
  expect(asked).toBe(6);
});

test('the line of pm2 names the process', () => {
  const line = '2026-11-23T14:00:00: PM2 log: App [redis:0] exited with code [1] via signal [SIGINT]';
  expect(endedProcess(line)).toBe('redis');
  expect(endedProcess('2026-11-23T14:00:00: PM2 log: App [redis:0] online')).toBeUndefined();
  expect(endedProcess(line.replace('[redis:', '[service-echo:'))).toBeUndefined();
});

test('what others print with the words of pm2 is a line of theirs', () => {
  const told = 'App [gateway:0] exited with code [1]';
  for (const line of [
    `{"level":"info","process":"service-chat","msg":"user says: ${told}"}`,
    `{"level":"info","process":"service-chat","msg":"x: PM2 log: ${told}"}`,
    `somebody: PM2 log: ${told}`,
  ]) {
    expect(endedProcess(line)).toBeUndefined();
    expect(worthReading(line)).toBe(true);
  }
  const end = '2026-11-23T14:00:00: PM2 log: App [worker:3] exited with code [0] via signal';
  expect([`${end} [SIGKILL]`, `${end} [SIGINT]`, `${end} [SIGTERM]`].map(worthReading)).toEqual([true, false, false]);
  expect(worthReading('2026-11-23T14:00:00: PM2 log: App [redis:0] online')).toBe(false);
  expect(worthReading(`2026-11-23T14:00:00: PM2 log: ${told}`)).toBe(true);
});
