import type { SubmitTerms } from '@slipway/client/client';
import { priorities } from '@slipway/contract/jobs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect } from './task-options.ts';
import { parseSpan } from './words.ts';

/** What a job may be told besides its input, as parsed from the command line. */
export interface TermFlags {
  priority?: SubmitTerms['priority'];
  tag?: string[];
  deadline?: Date;
  timeLimit?: number;
  webhook?: string;
  idempotencyKey?: string;
}

export function addTerms(command: Command): Command {
  return command
    .addOption(new Option('--priority <choice>', 'who goes first (default: normal)').choices(priorities))
    .addOption(new Option('--tag <word>', 'a word to find the job by; may be given more than once').argParser(collect))
    .addOption(
      new Option('--deadline <time>', 'the job ends if it is not done by then: 10m, 2h or 2030-01-31T12:00Z').argParser(
        parseDeadline,
      ),
    )
    .addOption(new Option('--time-limit <span>', 'longest run: 30s, 5m').argParser(parseTimeLimit))
    .option('--webhook <url>', 'where the service tells what became of the job')
    .addOption(
      new Option(
        '--idempotency-key <text>',
        'the same key with the same submission gives the same job again',
      ).argParser(parseKey),
    );
}

export const termsOf = ({ priority, tag, deadline, timeLimit, webhook, idempotencyKey }: TermFlags): SubmitTerms => ({
  priority,
  tags: tag,
  deadline,
  timeLimitMs: timeLimit,
  webhook: webhook === undefined ? undefined : { url: webhook },
  idempotencyKey,
});

function parseDeadline(text: string): Date {
  const ms = parseSpan(text);
  const time = ms === undefined ? new Date(text) : new Date(Date.now() + ms);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('It must be a span as 10m, or a time.');
  return time;
}

function parseKey(text: string): string {
  if (!/^[\x20-\x7e]{1,255}$/.test(text)) throw new InvalidArgumentError('It must be 1 to 255 characters of ASCII.');
  return text;
}

function parseTimeLimit(text: string): number {
  const ms = parseSpan(text);
  if (ms === undefined || ms < 1) throw new InvalidArgumentError('It must be a span as 30s or 5m.');
  return ms;
}
