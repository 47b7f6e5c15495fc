import { endStates, type Job } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import type { ChatOutput } from '@slipway/contract/tasks/chat';
import type { News } from '@slipway/queue/follow';

export type Piece =
  /** To be appended to all that came before. */
  | { type: 'text'; text: string }
  /** Nothing to tell, but still there. */
  | { type: 'beat' }
  | { type: 'end'; job: Job };

/**
 * The text of a job as it grows, for streams that can't take back what they have sent. An attempt that fails and runs
 * again begins its text anew: as long as it repeats what was sent, only what is new is passed on. Throws CodedError
 * `worker_lost` where it does not. Ends without `end` where the news do.
 */
export async function* textPieces(news: AsyncIterable<News>): AsyncGenerator<Piece> {
  let sent = '';
  let attempt = '';

  function* grow(): Generator<Piece> {
    if (sent.startsWith(attempt)) return;
    if (!attempt.startsWith(sent)) throw anotherText();
    yield { type: 'text', text: attempt.slice(sent.length) };
    sent = attempt;
  }

  for await (const item of news) {
    if (item.type === 'end') {
      // what gives no text while it runs gives all of it here
      if (item.job.state === 'succeeded') attempt = textOf(item.job);
      if (item.job.state === 'succeeded') yield* grow();
      yield { type: 'end', job: item.job };
      return;
    }
    const event = item.type === 'event' ? item.event : undefined;
    if (event?.type === 'state' && !endStates.has(event.state)) attempt = '';
    if (event?.type === 'output') {
      attempt += event.text;
      yield* grow();
    } else yield { type: 'beat' };
  }
}

/** The output as text: of a task that makes no text, as JSON. */
function textOf({ output }: Job): string {
  if (output && 'summary' in output) return output.summary;
  if (output && 'message' in output) return (output as ChatOutput).message.content;
  return JSON.stringify(output && 'labels' in output ? output.labels : output);
}

function anotherText(): CodedError {
  return new CodedError('worker_lost', 'The job was begun again and wrote another text than the one sent so far.');
}
