import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { points } from './space-points-list.ts';
import { findPointTests, outcomeOf, pointTestsIn, type Report, tableOf } from './space-points-table.ts';

const root = path.resolve(import.meta.dirname, '..');
const tests = findPointTests(root);
/** Without what differs between two runs. */
const withoutOutcome = (table: string) =>
  table.replaceAll(/ \| (?:passed|skipped|\*\*failed\*\*|\*\*not run\*\*|passed, in part skipped) \| /g, ' | ');

test('each of the forty points has a test', () => {
  expect(points).toHaveLength(40);
  const proved = new Set(tests.flatMap((one) => one.points));
  const missing = points.map((_, i) => i + 1).filter((number) => !proved.has(number));
  expect(missing).toEqual([]);
  expect(Math.max(...proved)).toBe(40);
});

test('the table names the tests that there are: if not, npm run space-points', () => {
  const committed = readFileSync(path.join(root, 'docs/space-points.md'), 'utf8');
  expect(withoutOutcome(committed)).toContain(withoutOutcome(tableOf(tests, () => 'passed')));
});

test('the table tells of no failure', () => {
  expect(readFileSync(path.join(root, 'docs/space-points.md'), 'utf8')).not.toMatch(/\*\*(failed|not run)\*\*/);
});

test('names are read as they are written', () => {
  const text = `test('point 7: a', f); test.each(x)(\n "points 2, 17: nginx' own", f); test('no point 3: b', f)
    test(\`point 8: c\${no ? ' (skipped)' : ''}\`, f)`;
  expect(pointTestsIn('x.test.ts', text)).toMatchObject([
    { points: [7], title: 'a' },
    { points: [2, 17], title: "nginx' own" },
    { points: [8], title: 'c' },
  ]);
});

test('the outcome of a test with cases is the worst of them', () => {
  const [one] = pointTestsIn('x.test.ts', `'point 7: %s is (%j)'`);
  const report = (...statuses: string[]): Report => ({
    testResults: [
      {
        name: path.join(root, 'x.test.ts'),
        assertionResults: statuses.map((status, i) => ({ title: `point 7: ${i} is ("a\\n")`, status })),
      },
    ],
  });
  if (!one) throw new Error('none was found');
  expect(outcomeOf(one, root, [report('passed', 'failed')])).toBe('failed');
  expect(outcomeOf(one, root, [report('passed', 'skipped')])).toBe('passed');
  expect(outcomeOf(one, root, [report('skipped')])).toBe('skipped');
  expect(outcomeOf(one, root, [report()])).toBe('not run');
});
