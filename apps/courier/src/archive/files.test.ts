import { formatLine, parseLines } from '@slipway/contract/archive';
import { expect, test } from 'vitest';
import { erase, isExpired, isFull, isJobsFile, isSnapshotFile, jobsFile, snapshotFile, timeOf } from './files.ts';

const at = Date.UTC(2026, 10, 23, 14, 5, 9, 7);
const day = 86_400_000;

test('a name tells what is in the file and when it was begun, and sorts by it', () => {
  const path = jobsFile('abc', 3, at);
  expect(path).toBe('jobs/2026-11-23T14-05-09-007Z-abc-3.jsonl');
  expect(timeOf(path)).toBe(at);
  expect(jobsFile('zzz', 0, at - 1) < path).toBe(true);
  expect([isJobsFile(path), isSnapshotFile(path)]).toEqual([true, false]);
  expect(isSnapshotFile(snapshotFile('abc', at, 0))).toBe(true);
});

test('a file is full by its length or its age, and goes when the last job in it must have expired', () => {
  const path = jobsFile('abc', 0, at);
  expect([isFull(path, 10, at + day - 1), isFull(path, 10, at + day)]).toEqual([false, true]);
  expect(isFull(path, 2 * 1024 ** 2, at)).toBe(true);
  expect([isExpired(path, 60, at + day + 60_000), isExpired(path, 60, at + day + 60_001)]).toEqual([false, true]);
});

test('files of others never expire', () => {
  expect(isExpired('jobs/notes.jsonl', 60, at)).toBe(false);
});

test('of an erased job stays what it was and how it ended', () => {
  const job = (id: string) => ({
    type: 'job' as const,
    id,
    input: { text: 'secret' },
    options: { length: 'short' },
    terms: { owner: 'ann' },
    createdAt: 1,
    submittedAt: 1.5,
    startedAt: 2,
    finishedAt: 3,
    result: {
      output: { summary: 'secret' },
      engine: 'extractive' as const,
      engineReason: 'x',
      model: null,
      inputTokens: 1,
      outputTokens: 1,
    },
    attempts: 1,
    stalls: 0,
    search: 'secret',
    excerpt: 'secret',
  });
  const text = erase(formatLine(job('a')) + formatLine(job('b')), new Map([['a', 9]]));
  const [erased, kept] = parseLines(text);
  expect(kept).toEqual(job('b'));
  expect(JSON.stringify(erased)).not.toContain('secret');
  expect(erased).toMatchObject({ id: 'a', finishedAt: 3, erasedAt: 9, input: null, terms: { owner: 'ann' } });
});

test('every other line stays as it is, also what only another version can read', () => {
  const lines = ['{"type":"new","id":"q","v":1}', '{"type":"erased","id":"z","erasedAt":1,"by":"ann"}', 'cut'].join(
    '\n',
  );
  expect(erase(lines, new Map([['a', 1]]))).toBe(lines);
  const other = '{"type":"job","id":"a","of":"another version","text":"secret"}\n{"type":"job","id":"b"}\n';
  expect(erase(other, new Map([['a', 1]]))).toBe('{"type":"erased","id":"a","erasedAt":1}\n{"type":"job","id":"b"}\n');
});
