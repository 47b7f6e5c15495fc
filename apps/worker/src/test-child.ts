/** An inference process for tests: of a job it says what stands in the input, and nothing on its own. */
import type { FromChild, ToChild } from './messages.ts';

const say = (message: FromChild) => process.send?.(message);

process.on('message', (message: ToChild) => {
  if (message.type === 'run') for (const each of message.job.input as FromChild[]) say(each);
});
process.on('disconnect', () => process.exit(0));
say({ type: 'up' });
