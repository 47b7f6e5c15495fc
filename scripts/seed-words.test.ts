import { expect, test } from 'vitest';
import { endingsOf, tasksOf } from './seed-words.ts';

test('the tasks that were handed in are told, and no others', () => {
  expect(tasksOf([{ task: 'summarize' }, { task: 'chat' }, { task: 'summarize' }])).toBe('2 summarize, 1 chat');
});

test('each reason that jobs failed for is told once, with how many it hit', () => {
  const failed = { state: 'failed', error: { code: 'model_unavailable', message: 'It is not there.' } } as const;
  expect(endingsOf([{ state: 'succeeded' }, failed, failed])).toEqual([
    '1 succeeded, 2 failed',
    '  2 model_unavailable: It is not there.',
  ]);
});
