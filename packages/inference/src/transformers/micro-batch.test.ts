import { expect, test, vi } from 'vitest';
import { createMicroBatch, gatherMs, type MicroBatchOptions } from './micro-batch.ts';

const never = new AbortController().signal;

/** Gives each text in capitals; `flush` ends the gathering, and resolves once all is computed. */
function shouting(given: Partial<MicroBatchOptions<string, string>> = {}) {
  const calls: string[][] = [];
  let run = () => {};
  let scheduled = 0;
  const batch = createMicroBatch<string, string>({
    async runBatch(items) {
      calls.push(items);
      return items.map((item) => item.toUpperCase());
    },
    measureSharing: async () => 'any length',
    limits: { maxRows: 3, maxCells: 100 },
    schedule(next) {
      scheduled += 1;
      run = next;
    },
    ...given,
  });
  const add = (item: string, signal = never) => batch.add(item, item.length, signal);
  return { calls, add, flush: () => run(), scheduled: () => scheduled };
}

test('what has gathered is computed together, and each gets its own', async () => {
  const { calls, add, flush, scheduled } = shouting();
  const results = Promise.all(['ccc', 'aa', 'bbb', 'dddd', 'eeeeee'].map((item) => add(item)));
  expect(calls).toEqual([]);
  flush();
  expect(await results).toEqual(['CCC', 'AA', 'BBB', 'DDDD', 'EEEEEE']);
  expect(calls).toEqual([
    ['aa', 'ccc', 'bbb'],
    ['dddd', 'eeeeee'],
  ]);
  expect(scheduled()).toBe(1);
});

test('one alone is computed alone, and nothing is measured', async () => {
  const { calls, add, flush } = shouting({ measureSharing: () => expect.unreachable() });
  const result = add('one');
  flush();
  expect(await result).toBe('ONE');
  expect(calls).toEqual([['one']]);
});

test('what comes during a round is computed after it, and then gathering begins anew', async () => {
  const calls: string[][] = [];
  const late: Promise<string>[] = [];
  const { add, flush, scheduled } = shouting({
    async runBatch(items) {
      calls.push(items);
      if (calls.length === 1) late.push(add('d'), add('e'));
      return items;
    },
  });
  const first = Promise.all(['aaa', 'aaa', 'aaa', 'aaa'].map((item) => add(item)));
  flush();
  await first;
  expect(await Promise.all(late)).toEqual(['d', 'e']);
  expect(calls).toEqual([['aaa', 'aaa', 'aaa'], ['aaa'], ['d', 'e']]);
  expect(scheduled()).toBe(1);
  const next = add('f');
  expect(scheduled()).toBe(2);
  flush();
  expect(await next).toBe('f');
});

test('what may share is measured once, and kept to', async () => {
  const measureSharing = vi.fn(async () => 'equal length' as const);
  const { calls, add, flush } = shouting({ measureSharing });
  for (let i = 0; i < 2; i += 1) {
    const results = Promise.all(['a', 'bb', 'c'].map((item) => add(item)));
    flush();
    await results;
  }
  expect(calls).toEqual([['a', 'c'], ['bb'], ['a', 'c'], ['bb']]);
  expect(measureSharing).toHaveBeenCalledTimes(1);
});

test.each([
  ['rejects', () => Promise.reject(new Error('no such input'))],
  [
    'throws',
    () => {
      throw new Error('no tokenizer');
    },
  ],
])('where the measuring %s, each is computed alone', async (_, measureSharing) => {
  const { calls, add, flush } = shouting({ measureSharing });
  const results = Promise.all(['a', 'b'].map((item) => add(item)));
  flush();
  await results;
  expect(calls).toEqual([['a'], ['b']]);
});

test('one that is aborted rejects at once and is left out', async () => {
  const { calls, add, flush } = shouting();
  const controller = new AbortController();
  const gone = new Error('gone');
  const kept = add('kept');
  const dropped = add('gone', controller.signal);
  controller.abort(gone);
  await expect(dropped).rejects.toBe(gone);
  flush();
  expect(await kept).toBe('KEPT');
  expect(calls).toEqual([['kept']]);
  await expect(add('late', controller.signal)).rejects.toBe(gone);
});

test('one that is aborted during the batch before it is left out as well', async () => {
  const controller = new AbortController();
  const calls: string[][] = [];
  const { add, flush } = shouting({
    limits: { maxRows: 1, maxCells: 100 },
    async runBatch(items) {
      calls.push(items);
      controller.abort(new Error('gone'));
      return items;
    },
  });
  const first = add('a');
  const second = expect(add('bb', controller.signal)).rejects.toThrow('gone');
  flush();
  expect(await first).toBe('a');
  await second;
  expect(calls).toEqual([['a']]);
});

test('one that is aborted while it is computed rejects at once', async () => {
  const controller = new AbortController();
  const started = Promise.withResolvers<void>();
  const computed = Promise.withResolvers<void>();
  const { add, flush } = shouting({
    async runBatch(items) {
      started.resolve();
      await computed.promise;
      return items;
    },
  });
  const kept = add('kept');
  const dropped = add('gone', controller.signal);
  flush();
  await started.promise;
  controller.abort(new Error('gone'));
  await expect(dropped).rejects.toThrow('gone');
  computed.resolve();
  expect(await kept).toBe('kept');
});

test('a bad item fails alone', async () => {
  const bad = new Error('bad item');
  const calls: string[][] = [];
  const { add, flush } = shouting({
    async runBatch(items) {
      calls.push(items);
      if (items.includes('bad')) throw bad;
      return items;
    },
  });
  const results = Promise.allSettled(['one', 'bad', 'two'].map((item) => add(item)));
  flush();
  expect((await results).map((result) => (result.status === 'fulfilled' ? result.value : result.reason))).toEqual([
    'one',
    bad,
    'two',
  ]);
  expect(calls).toEqual([['one', 'bad', 'two'], ['one'], ['bad'], ['two']]);
  const later = add('later');
  flush();
  expect(await later).toBe('later');
});

test('results that are too few are never given to the wrong ones', async () => {
  const { add, flush } = shouting({ runBatch: async (items) => items.slice(0, 1) });
  const results = Promise.all(['a', 'b'].map((item) => add(item)));
  flush();
  expect(await results).toEqual(['a', 'b']);
});

test('gathers for some milliseconds', async () => {
  vi.useFakeTimers();
  try {
    const { calls, add } = shouting({ schedule: undefined });
    const first = add('a');
    await vi.advanceTimersByTimeAsync(gatherMs - 1);
    const second = add('b');
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await Promise.all([first, second])).toEqual(['A', 'B']);
    expect(calls).toEqual([['a', 'b']]);
  } finally {
    vi.useRealTimers();
  }
});
