import type { Job } from '@slipway/contract/jobs';
import { exitCodes } from './failure.ts';
import { resultText } from './result.ts';
import type { Session } from './session.ts';
import { createView } from './view.ts';
import { harmless } from './words.ts';

/**
 * Waits for a job, shows how it goes, prints what it gave and returns the exit code. The first Ctrl-C asks the service to
 * cancel the job. `echoes`: its text is written as it comes, where somebody watches.
 */
export async function awaitJob(session: Session, id: string, echoes: boolean): Promise<number> {
  const { client, reading, json, surroundings } = session;
  const { stdout, stderr } = surroundings;
  // what goes into a pipe must be the result and nothing but: text of an attempt that failed can't be taken back
  const view = createView({ stderr, echo: echoes && stdout.isTTY && !json ? stdout : undefined });
  session.onFirstInterrupt(() => {
    view.note('Asking the service to cancel the job. Ctrl-C again leaves at once.');
    return client.cancel(id, reading);
  });
  let job: Job;
  try {
    job = await client.wait(id, { ...reading, onUpdate: view.show, onEvent: view.tell });
  } finally {
    view.close();
  }
  return printEnd(session, job, view.written());
}

/** Prints how a job ended, of which some text may stand there already. */
function printEnd({ json, print, note, surroundings: { stdout } }: Session, job: Job, written: string): number {
  const { id, state, output, error, erasedAt } = job;
  if (json) print(job, () => '');
  else if (output !== undefined) {
    const text = resultText(output);
    const clean = stdout.isTTY ? harmless(text) : text;
    if (written === '') stdout.write(`${clean}\n`);
    else stdout.write(text.trim() === written.trim() ? '\n' : `\n\n${clean}\n`);
  } else if (written !== '') stdout.write('\n');

  if (state === 'succeeded') {
    if (output === undefined) note(erasedAt === null ? 'The job has succeeded.' : 'The job was erased.');
    return exitCodes.succeeded;
  }
  const why = error ? ` ${harmless(error.message)} (${error.code})` : '';
  note(`The job ${endings[state] ?? state}.${why}`);
  if (state !== 'canceled') note(`Run it again: slipway retry ${id}`);
  return exitCodes.failed;
}

const endings: Partial<Record<Job['state'], string>> = {
  failed: 'failed',
  canceled: 'was canceled',
  expired: 'expired',
};
