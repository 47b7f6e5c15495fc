import type { StreamEvent } from '@slipway/client/stream';
import { succeeded } from '@slipway/client/test-jobs';
import type { Job } from '@slipway/contract/jobs';
import { expect, test } from 'vitest';
import { runAgainst } from './test-run.ts';
import { events, json, lifeOf, path, problemOf, taken } from './test-service.ts';

const house = (...told: StreamEvent[]) => ({
  'POST /api/v1/jobs': json(taken, 202),
  [`GET ${path}`]: json(taken),
  [`GET ${path}/events`]: events(...told),
});
const chatted = (content: string): Job<'chat'> => ({
  ...succeeded,
  task: 'chat',
  output: { message: { role: 'assistant', content }, finishReason: 'stop' },
});
const canceled: Job = { ...taken, state: 'canceled', error: { code: 'canceled', message: 'The job was canceled.' } };

const start = '\u001b\\[';
const pieces = new RegExp(`${start}(\\d+)A|${start}0J|[^]`, 'g');

/** What a terminal shows in the end, of what was written to it. */
function screen(written: string): string[] {
  const lines = [''];
  let row = 0;
  for (const [piece] of written.matchAll(pieces)) {
    const up = /(\d+)A$/.exec(piece)?.[1];
    if (up !== undefined) row -= Number(up);
    else if (piece === '\u001b[0J') lines.splice(row, lines.length, '');
    else if (piece === '\n') lines.splice(++row, 1, lines[row] ?? '');
    else if (piece !== '\r') lines[row] += piece;
  }
  return lines;
}

test('a bar, the text below it, and nothing is left of either in the end', async () => {
  const moments: string[][] = [];
  let written = '';
  const ran = await runAgainst(house(...lifeOf(succeeded)), ['summarize', '--text', 'Long.'], {
    terminal: true,
    onStderr(text) {
      written += text;
      moments.push(screen(written));
    },
  });
  expect(ran).toMatchObject({ code: 0, stdout: 'Short.\n' });
  expect(moments).toContainEqual(['It is number 2 in line.']);
  expect(moments).toContainEqual(['It is next.']);
  expect(moments).toContainEqual(['[██████████░░░░░░░░░░]  50 %  Reading part 2 of 4.', 'Sho']);
  expect(moments).toContainEqual(['[██████████░░░░░░░░░░]  50 %  Reading part 2 of 4.', 'Short.']);
  expect(screen(ran.stderr)).toEqual(['']);
});

test('an answer in a conversation is written as it comes, and once', async () => {
  const life = lifeOf(chatted('Short.'));
  const ran = await runAgainst(house(...life), ['chat', 'Why?'], { terminal: true });
  expect(ran).toMatchObject({ code: 0, stdout: 'Short.\n' });
  expect(screen(ran.stderr)).toEqual(['']);
});

test('an attempt that begins anew is told, and what cannot be drawn is left out', async () => {
  const again: StreamEvent = { type: 'state', state: 'running', attempt: 2 };
  const life = lifeOf(chatted('Done.'));
  const told = [
    ...life.slice(0, -1),
    again,
    { type: 'output', text: 'Do\u001b[2Jne.' } as StreamEvent,
    ...life.slice(-1),
  ];
  const ran = await runAgainst(house(...told), ['chat', 'Why?'], { terminal: true });
  expect(ran.stdout).toBe('Short.\n[It begins anew.]\nDo[2Jne.\n\nDone.\n');
  const piped = await runAgainst(house(...told), ['chat', 'Why?']);
  expect(piped.stdout).toBe('Done.\n');
});

test('Ctrl-C asks the service to cancel the job and waits for its end', async () => {
  let pressed = false;
  const ran = await runAgainst(
    {
      ...house(),
      [`GET ${path}/events`]: [
        events({ type: 'state', state: 'running', attempt: 1 }, { type: 'done', job: canceled }),
      ],
      [`GET ${path}`]: json(taken),
      [`POST ${path}/cancel`]: json({ ...taken, state: 'running' }),
    },
    ['summarize', '--text', 'Long.'],
    {
      onStderr(_, interrupt) {
        if (!pressed) {
          pressed = true;
          interrupt();
        }
      },
    },
  );
  expect(ran).toMatchObject({ code: 1, stdout: '' });
  expect(ran.had.map(({ what }) => what)).toContain(`POST ${path}/cancel`);
  expect(ran.stderr).toContain('Asking the service to cancel');
  expect(ran.stderr).toContain('The job was canceled.');
});

test('a second Ctrl-C leaves at once', async () => {
  const ran = await runAgainst(
    { ...house({ type: 'state', state: 'running', attempt: 1 }), [`POST ${path}/cancel`]: () => {} },
    ['summarize', '--text', 'Long.'],
    {
      onStderr: (text, interrupt) =>
        text.startsWith('It is') ? interrupt() : text.startsWith('Asking') && queueMicrotask(interrupt),
    },
  );
  expect(ran).toMatchObject({ code: 130, stdout: '', interrupts: 0 });
});

test('where the cancel is refused, that is what ends the program', async () => {
  const refusal = json(problemOf(404, 'job_not_found', 'There is no such job.'), 404);
  const ran = await runAgainst(
    { ...house({ type: 'state', state: 'running', attempt: 1 }), [`POST ${path}/cancel`]: refusal },
    ['summarize', '--text', 'Long.'],
    { onStderr: (text, interrupt) => text.startsWith('It is') && interrupt() },
  );
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('There is no such job.');
});

test('Ctrl-C leaves a pipe that never ends', async () => {
  const ran = await runAgainst({}, ['summarize'], {
    async *stdin(interrupt) {
      yield new TextEncoder().encode('Lo');
      interrupt();
      await new Promise(() => {});
    },
  });
  expect(ran).toMatchObject({ code: 130, stdout: '', had: [] });
});
