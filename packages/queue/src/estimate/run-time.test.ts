import { expect, test } from 'vitest';
import { restOf, runTime } from './run-time.ts';

const at = (inputLength: number, ms: number, runs = 10) => ({ length: Math.log2(inputLength), ms, runs });

test('a length that was measured takes its own run time', () => {
  expect(runTime([at(100, 200), at(1_000, 900), at(10_000, 5_000)], 1_000)).toBeCloseTo(900);
});

test('a length never seen lies between its neighbours', () => {
  const measured = [at(100, 200), at(10_000, 800)];
  expect(runTime(measured, 1_000)).toBeCloseTo(400); // a power law: half of the way in logarithms
  expect(runTime([at(100, 200), at(1_000, 900), at(10_000, 5_000)], 5_000)).toBeGreaterThan(900);
});

test('beyond what was seen the trend goes on, never falling and never more than in proportion', () => {
  const root = [at(100, 100), at(10_000, 1_000)];
  expect(runTime(root, 1_000_000)).toBeCloseTo(10_000);
  expect(runTime(root, 1)).toBeCloseTo(10);
  expect(runTime([at(100, 100), at(200, 900)], 400)).toBeCloseTo(1_800);
  expect(runTime([at(100, 900), at(200, 100)], 400)).toBeCloseTo(100);
  expect(runTime([at(100, 300)], 50_000)).toBeCloseTo(300); // one length tells no trend
});

test('an unknown length takes the mean of all runs', () => {
  expect(runTime([at(100, 100, 30), at(1_000, 500, 10)], undefined)).toBeCloseTo(200);
});

test('nothing measured, nothing said', () => {
  expect(runTime([], 10)).toBeUndefined();
});

test('what is left of a run never falls to nothing before its end', () => {
  expect(restOf(1_000, 0)).toBe(1_000);
  expect(restOf(1_000, 600)).toBe(400);
  expect(restOf(1_000, 4_000)).toBe(500);
  expect(restOf(1_000, -50)).toBe(1_000); // the worker's clock is ahead of ours
});
