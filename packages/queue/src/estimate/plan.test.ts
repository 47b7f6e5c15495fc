import { expect, test } from 'vitest';
import { type House, planOf } from './plan.ts';

/** Numbers that look random and are the same each time: D. H. Lehmer's generator. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const line = (runsMs: number[], { known = runsMs.length, together = 1 } = {}) => ({
  runsMs: runsMs.slice(0, known),
  count: runsMs.length,
  meanMs: runsMs.reduce((sum, ms) => sum + ms, 0) / Math.max(1, runsMs.length),
  together,
});
const everyone = (slots: number, ...tasks: string[]) => ({ slots, tasks: new Set(tasks) });

/** What really happens, one millisecond after the other: one worker whose processes take the tasks' jobs in turn. */
function live(lines: Record<string, number[]>, restsMs: number[], slots: number): Map<string, number[]> {
  const names = Object.keys(lines);
  const left = new Map(names.map((task) => [task, [...(lines[task] ?? [])]]));
  const starts = new Map(names.map((task) => [task, [] as number[]]));
  const busyUntil = Array.from({ length: slots }, (_, i) => restsMs[i] ?? 0);
  let turn = 0;
  for (let now = 0; [...left.values()].some((jobs) => jobs.length > 0); now++)
    for (let slot = 0; slot < slots; slot++) {
      if ((busyUntil[slot] ?? 0) > now) continue;
      while ([...left.values()].some((jobs) => jobs.length > 0)) {
        const task = names[turn++ % names.length] ?? '';
        const ms = left.get(task)?.shift();
        if (ms === undefined) continue;
        starts.get(task)?.push(now);
        busyUntil[slot] = now + ms;
        break;
      }
    }
  return starts;
}

test.each([1, 2, 3, 5])('with known run times, %i processes: each job starts when it does', (slots) => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seeded(seed * 7_919);
    const runs = (most: number) => Array.from({ length: random(most) }, () => 1 + random(400));
    const jobs = { a: runs(60), b: runs(40), c: runs(5) };
    const rests = Array.from({ length: random(slots + 1) }, () => 1 + random(300));
    const plan = planOf({
      lines: new Map(Object.entries(jobs).map(([task, runsMs]) => [task, line(runsMs)])),
      workers: [everyone(slots, 'a', 'b', 'c')],
      running: rests.map((restMs) => ({ task: 'a', restMs })),
      lastTask: 'c',
    });
    for (const [task, starts] of live(jobs, rests, slots))
      expect(starts.map((_, ahead) => plan(task, ahead))).toEqual(starts);
  }
});

test('jobs far behind, of which only the mean is known, start within 5 % of their wait', () => {
  for (const slots of [1, 2, 4]) {
    const random = seeded(slots * 104_729);
    const runs = (count: number, spread: number) => Array.from({ length: count }, () => 20 + random(spread));
    const jobs = { a: runs(2_000, 200), b: runs(700, 50) };
    const plan = planOf({
      lines: new Map(Object.entries(jobs).map(([task, runsMs]) => [task, line(runsMs, { known: 200 })])),
      workers: [everyone(slots, 'a', 'b')],
      running: [],
    });
    for (const [task, starts] of live(jobs, [], slots))
      for (const [ahead, truth] of starts.entries()) {
        if (ahead < 200) expect(plan(task, ahead)).toBe(truth);
        else expect(Math.abs((plan(task, ahead) ?? 0) - truth) / truth).toBeLessThan(0.05);
      }
  }
});

test('a job that comes next starts when a process is free in its turn', () => {
  const house: House = {
    lines: new Map([
      ['a', line([100, 100])],
      ['b', line([])],
    ]),
    workers: [everyone(1, 'a', 'b')],
    running: [{ task: 'a', restMs: 30 }],
    lastTask: 'a',
  };
  const plan = planOf(house);
  expect([plan('a', 0), plan('a', 1), plan('a', 2)]).toEqual([30, 130, 230]);
  expect(plan('b', 0)).toBe(30); // its turn comes before that of the next of `a`
  expect(plan('a', 4)).toBe(430); // two more have come since
  expect(planOf({ ...house, running: [], lines: new Map([['a', line([])]]) })('a', 0)).toBe(0);
});

test('where a process computes several jobs at once, they start together', () => {
  const plan = planOf({
    lines: new Map([
      ['one', line([100, 100])],
      ['many', line([10, 30, 20, 10, 10], { together: 4 })],
    ]),
    workers: [everyone(1, 'one', 'many')],
    running: [
      { task: 'many', restMs: 5 },
      { task: 'many', restMs: 15 },
    ],
    lastTask: 'many',
  });
  expect([0, 1].map((ahead) => plan('one', ahead))).toEqual([15, 145]);
  expect([0, 1, 2, 3, 4].map((ahead) => plan('many', ahead))).toEqual([115, 115, 115, 115, 245]);
});

test('a worker is counted for the tasks that it does only', () => {
  const plan = planOf({
    lines: new Map([
      ['a', line([100, 100, 100])],
      ['b', line([10, 10])],
      ['c', line([10])],
    ]),
    workers: [everyone(1, 'a', 'b'), everyone(1, 'b'), everyone(0, 'c')],
    running: [],
  });
  expect([0, 1, 2].map((ahead) => plan('a', ahead))).toEqual([0, 100, 200]);
  expect([0, 1].map((ahead) => plan('b', ahead))).toEqual([0, 10]);
  expect(plan('c', 0)).toBeUndefined();
});
