import type { JobEvent } from '@slipway/contract/events';
import type { Job } from '@slipway/contract/jobs';
import type { News } from '@slipway/queue/follow';
import { expect, test } from 'vitest';
import { collect } from './test-server.ts';
import { type Piece, textPieces } from './text-stream.ts';

const running: JobEvent = { type: 'state', state: 'running' };
const text = (text: string): JobEvent => ({ type: 'output', text });
const job = (state: Job['state'], output?: unknown) => ({ state, output }) as Job;

async function piecesOf(events: JobEvent[], end?: Job): Promise<Piece[]> {
  async function* tell(): AsyncGenerator<News> {
    for (const event of events) yield { type: 'event', id: '1-0', event };
    if (end) yield { type: 'end', job: end };
  }
  return collect(textPieces(tell()));
}
const textsOf = async (events: JobEvent[], end?: Job) =>
  (await piecesOf(events, end)).flatMap((piece) => (piece.type === 'text' ? [piece.text] : []));

test('what was not told while it ran is told at the end', async () => {
  expect(await textsOf([running, text('Some')], job('succeeded', { summary: 'Some text.' }))).toEqual([
    'Some',
    ' text.',
  ]);
  expect(await textsOf([running], job('succeeded', { summary: 'All.' }))).toEqual(['All.']);
  expect(await textsOf([running, text('All.')], job('succeeded', { summary: 'All.' }))).toEqual(['All.']);
  const labels = [{ label: 'red', score: 1 }];
  expect(await textsOf([running], job('succeeded', { labels }))).toEqual([JSON.stringify(labels)]);
});

test('a second attempt goes on where the first ended', async () => {
  const events = [
    running,
    text('Some '),
    text('te'),
    running,
    text('Some'),
    text(' text'),
    running,
    text('Some text.'),
  ];
  expect(await textsOf(events, job('succeeded', { summary: 'Some text.' }))).toEqual(['Some ', 'te', 'xt', '.']);
});

test('another text than the one sent is an error, at once or at the end', async () => {
  const worker_lost = { code: 'worker_lost' };
  await expect(piecesOf([running, text('Some'), running, text('Other')])).rejects.toMatchObject(worker_lost);
  const other = job('succeeded', { summary: 'Other text.' });
  await expect(piecesOf([running, text('Some')], other)).rejects.toMatchObject(worker_lost);
});

test('a job that fails ends without more text, and news that stop end the pieces', async () => {
  expect(await piecesOf([text('Some')], job('failed'))).toEqual([
    { type: 'text', text: 'Some' },
    { type: 'end', job: job('failed') },
  ]);
  expect(await piecesOf([running])).toEqual([{ type: 'beat' }]);
});
