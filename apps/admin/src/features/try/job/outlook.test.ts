import { expect, test } from 'vitest';
import { type Followed, unheard } from './followed.ts';
import { outlook } from './outlook.ts';

const now = Date.parse('2026-01-02T03:04:05.000Z');
const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();
const expected = (startsIn: number, endsIn = startsIn) => ({ startsAt: at(startsIn), endsAt: at(endsIn) });
const told = (known: Partial<Followed>) => outlook({ ...unheard('a'), ...known }, now);

test('a waiting job has its place in line and its start', () => {
  expect(told({ position: 3, estimate: expected(12) })).toBe('3rd in line, starts in about 12 s');
  expect(told({ position: 1 })).toBe('1st in line');
  expect(told({ estimate: expected(0.4) })).toBe('Starts in about 1 s');
  expect(told({ estimate: expected(-2) })).toBe('Starts any moment');
  expect(told({})).toBeNull();
});

test('a running job has its end', () => {
  expect(told({ state: 'running', estimate: expected(-4, 8) })).toBe('About 8 s left');
  expect(told({ state: 'running', estimate: expected(-4, -1) })).toBe('Done any moment');
  expect(told({ state: 'running', position: 1 })).toBeNull();
});

test('an ended job has nothing before it', () => {
  expect(told({ state: 'succeeded', position: 1, estimate: expected(5) })).toBeNull();
});

test.each([
  [2, '2nd'],
  [4, '4th'],
  [11, '11th'],
  [12, '12th'],
  [21, '21st'],
  [103, '103rd'],
])('place %i is the %s', (position, place) => {
  expect(told({ position })).toBe(`${place} in line`);
});

test.each([
  [59, '59 s'],
  [60, '1 min'],
  [150, '3 min'],
  [3540, '59 min'],
  [7100, '2 h'],
])('%i seconds are about %s', (seconds, words) => {
  expect(told({ estimate: expected(seconds) })).toBe(`Starts in about ${words}`);
});
