import type { StreamEvent } from '@slipway/client/stream';
import { endStates, type Job } from '@slipway/contract/jobs';
import { createLiveLines } from './live-lines.ts';
import { percent } from './result.ts';
import type { Output } from './surroundings.ts';
import { fitEnd, harmless, oneLine, span } from './words.ts';

/** Shows what happens to a job while somebody waits for it. */
export interface View {
  /** The job has changed. */
  show(job: Job): void;
  /** Something was told of it, text among it. */
  tell(event: StreamEvent): void;
  /** A sentence about something else. */
  note(text: string): void;
  /** Ends it and takes away what moved. */
  close(): void;
  /** What of the output stands on standard output already. */
  written(): string;
}

interface ViewSettings {
  stderr: Output;
  /** Where text goes as it comes; undefined where the result is only printed as a whole. */
  echo?: Output | undefined;
}

const barWidth = 20;
/** A countdown is drawn again this often, in milliseconds. */
const redrawMs = 1_000;

export const createView = (settings: ViewSettings): View =>
  settings.stderr.isTTY ? createLiveView(settings) : createPlainView(settings);

/** For a terminal: a bar with what is being done, and below it the end of the text that has come. */
function createLiveView({ stderr, echo }: ViewSettings): View {
  const lines = createLiveLines(stderr);
  const text = createText(echo);
  let job: Job | undefined;
  const draw = () => {
    if (!job || text.echoed() !== '') return;
    const tail = oneLine(text.soFar()).trim();
    lines.draw([describe(job, Date.now()), ...(tail === '' ? [] : [fitEnd(tail, lines.columns() - 1)])]);
  };
  const timer = setInterval(draw, redrawMs);
  return {
    show(next) {
      job = next;
      draw();
    },
    tell(event) {
      if (event.type === 'output' && echo) lines.clear();
      if (text.take(event)) draw();
    },
    note(sentence) {
      lines.clear();
      if (text.echoed() !== '') stderr.write('\n');
      stderr.write(`${sentence}\n`);
      draw();
    },
    close() {
      clearInterval(timer);
      lines.clear();
    },
    written: text.echoed,
  };
}

/** For a log: a line at each change of state or stage, and at each quarter of the way. */
function createPlainView({ stderr, echo }: ViewSettings): View {
  const text = createText(echo);
  let said = '';
  return {
    show(job) {
      const { state, attempts, progress } = job;
      const what = JSON.stringify([state, attempts, progress?.stage, progress && Math.floor(progress.ratio * 4)]);
      if (what !== said && (state === 'queued' || state === 'running')) stderr.write(`${describe(job, Date.now())}\n`);
      said = what;
    },
    tell: text.take,
    note: (sentence) => void stderr.write(`${sentence}\n`),
    close() {},
    written: text.echoed,
  };
}

/** The text of the attempt that runs; where there is an echo, it is written there as it comes. */
function createText(echo: Output | undefined) {
  let text = '';
  let echoed = '';
  return {
    /** True where the text has changed. */
    take(event: StreamEvent): boolean {
      if (event.type === 'output') {
        text += event.text;
        echo?.write(harmless(event.text));
        if (echo) echoed = text;
        return true;
      }
      // an attempt that runs again begins anew; an end does not
      if (event.type !== 'state' || endStates.has(event.state) || text === '') return false;
      if (echoed !== '') echo?.write('\n[It begins anew.]\n');
      text = '';
      echoed = '';
      return true;
    },
    soFar: () => text,
    echoed: () => echoed,
  };
}

/** One line about a job that has not ended. */
export function describe({ state, position, estimate, progress, attempts }: Job, now: number): string {
  const left = (time: string | undefined) => (time === undefined ? -1 : Date.parse(time) - now);
  if (state === 'queued') {
    const place =
      position === undefined ? 'It waits.' : position === 1 ? 'It is next.' : `It is number ${position} in line.`;
    const startsIn = left(estimate?.startsAt);
    return startsIn > 0 ? `${place} Starts in about ${span(startsIn)}.` : place;
  }
  if (state !== 'running') return `It has ${state === 'succeeded' ? 'succeeded' : 'ended'}.`;
  const ratio = progress?.ratio ?? 0;
  const full = Math.round(ratio * barWidth);
  const endsIn = left(estimate?.endsAt);
  const parts = [
    `[${'█'.repeat(full)}${'░'.repeat(barWidth - full)}] ${percent(ratio)}`,
    oneLine(progress?.message || progress?.stage || 'It runs.'),
    attempts > 1 ? `(attempt ${attempts})` : '',
    endsIn > 0 ? `about ${span(endsIn)} left` : '',
  ];
  return parts.filter(Boolean).join('  ');
}
