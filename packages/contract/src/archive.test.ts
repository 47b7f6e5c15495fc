import { expect, test } from 'vitest';
import { type ArchivedJob, formatLine, parseLine, withoutContent } from './archive.ts';

const job: ArchivedJob = {
  type: 'job',
  id: 'summarize_AAAAAAAAAAAAAAAAAAAAAA',
  input: { text: 'A treasure.' },
  options: { length: 'long' },
  terms: { owner: 'ann', tags: ['isle'], webhook: { url: 'https://parrot.example/?key=doubloon' } },
  createdAt: 1,
  submittedAt: 1.5,
  startedAt: 2,
  finishedAt: 3,
  result: {
    output: { summary: 'Gold.' },
    engine: 'extractive',
    engineReason: 'So.',
    model: null,
    inputTokens: 1,
    outputTokens: 1,
  },
  attempts: 1,
  stalls: 0,
  search: 'treasure',
  excerpt: 'A treasure.',
};

test('the line of an erased job has nothing that it was given or gave, and says whose it was and how it ended', () => {
  const line = formatLine(withoutContent(job, 4));
  expect(line).not.toMatch(/treasure|long|Gold|parrot|doubloon/i);
  expect(parseLine(line)).toMatchObject({ finishedAt: 3, terms: { owner: 'ann', tags: ['isle'] }, erasedAt: 4 });
});
