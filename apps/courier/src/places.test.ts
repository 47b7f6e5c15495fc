import { expect, test } from 'vitest';
import { createPlaces } from './places.ts';

test('a host has its places, and another host its own', () => {
  const places = createPlaces(2);
  const [first] = [places.take('a'), places.take('a')];
  expect(places.take('a')).toBeUndefined();
  expect(places.take('b')).toBeDefined();
  first?.();
  expect(places.take('a')).toBeDefined();
});

test('those that wait for a slow host ask again one after the other, at the pace of the host', () => {
  let now = 0;
  const places = createPlaces(2, () => now);
  places.take('a');
  const leave = places.take('a');
  now = 10_000;
  expect([places.waitMs('a'), places.waitMs('a'), places.waitMs('a')]).toEqual([5_000, 10_000, 15_000]);
  leave?.();
  places.take('a');
  expect(places.waitMs('a')).toBe(20_000); // the one before took as long
  for (let i = 0; i < 100; i += 1) places.waitMs('a');
  expect(places.waitMs('a')).toBe(60_000);
});

test('a host that has recovered is asked at its new pace, whatever was told before', () => {
  let now = 0;
  const places = createPlaces(1, () => now);
  const slow = places.take('a');
  now = 15_000;
  for (let i = 0; i < 1_000; i += 1) places.waitMs('a'); // hours of work at the old pace
  slow?.();
  const next = places.take('a');
  now += 50;
  next?.();
  places.take('a');
  expect(places.waitMs('a')).toBeLessThan(100);
});
