import { expect, test } from 'vitest';
import { countsOf, type Report, skippedLines } from './test-counts.ts';

const report = (more: Partial<Report> = {}): Report => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...more,
});

test('a good run counts what passed', () => {
  expect(countsOf(report({ numPendingTests: 2 }), 0)).toEqual({ passed: 3, failed: 0, skipped: 2 });
});

test('a bad end without a failed test is a failure', () => {
  expect(countsOf(report(), 1).failed).toBe(1);
  expect(countsOf(report({ numPassedTests: 0 }), null).failed).toBe(1);
});

test('a file that could not be loaded is a failure beside the failed tests of others', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{ status: 'failed', fullName: 'a' }] },
  ];
  expect(countsOf(report({ numFailedTests: 1, testResults }), 1).failed).toBe(2);
});

test('what was skipped is named', () => {
  const testResults = [{ status: 'passed', assertionResults: [{ status: 'skipped', fullName: 'builds the image' }] }];
  expect(skippedLines(report({ testResults }))).toEqual(['skipped: builds the image']);
});
