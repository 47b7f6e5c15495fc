import { queued, running } from '@slipway/client/test-jobs';
import { expect, test } from 'vitest';
import { describe } from './view.ts';

const now = Date.parse('2026-01-02T03:04:05Z');
const estimate = { startsAt: '2026-01-02T03:04:17Z', endsAt: '2026-01-02T03:08:05Z' };

test('one line says where a job stands and how long it will take', () => {
  expect(describe({ ...queued, estimate }, now)).toBe('It is number 2 in line. Starts in about 12 s.');
  expect(describe({ ...queued, position: 1, estimate }, Date.parse(estimate.startsAt))).toBe('It is next.');
  expect(describe({ ...queued, position: undefined }, now)).toBe('It waits.');
  expect(describe({ ...running, estimate, attempts: 2 }, now)).toBe(
    '[██████████░░░░░░░░░░]  50 %  Half  (attempt 2)  about 4 min left',
  );
});
