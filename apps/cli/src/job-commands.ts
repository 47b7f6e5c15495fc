import type { ListQuery } from '@slipway/client/list';
import { type JobState, jobStates } from '@slipway/contract/jobs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { awaitJob } from './await-job.ts';
import { exitCodes } from './failure.ts';
import { describeJob, describeList } from './result.ts';
import type { Work } from './task-commands.ts';
import { parseJson } from './task-options.ts';
import { harmless, parseSpan } from './words.ts';

interface ListFlags {
  state?: JobState;
  task?: string;
  tag?: string;
  search?: string;
  since?: Date;
  limit?: number;
  cursor?: string;
}

/** What can be done with jobs that were handed in before. */
export function addJobCommands(program: Command, work: Work): void {
  const jobs = program
    .command('jobs')
    .description('List the jobs of your key, newest first')
    .addOption(new Option('--state <state>', 'only those in this state').choices(jobStates))
    .option('--task <name>', 'only those of this task')
    .option('--tag <word>', 'only those with this tag')
    .option('--search <text>', 'only those with this text in their id, tags or the beginning of their input')
    .option('--since <time>', 'only those made since: 2h, 7d or 2030-01-31', parseSince)
    .option('--limit <number>', 'how many, at most 100 (default: 20)', Number)
    .option('--cursor <text>', 'where the page before ended')
    .addHelpText('after', examples('jobs', 'jobs --state failed --since 1d', 'jobs --tag night --json'));
  jobs.action(() =>
    work(jobs, async ({ client, reading, print, note }) => {
      const { search: q, since: from, ...query } = jobs.opts<ListFlags>();
      const page = await client.list({ ...query, q, from } satisfies ListQuery, reading);
      print(page, () => describeList(page.jobs, Date.now()));
      if (page.jobs.length === 0 && page.nextCursor === null) note('There are none.');
      if (page.nextCursor !== null) note(`There may be more: --cursor ${page.nextCursor}`);
      return exitCodes.succeeded;
    }),
  );

  const show = ofJob(program, 'show', 'Show a job and what it gave');
  show.action((id: string) =>
    work(show, async ({ client, reading, print }) => {
      const job = await client.get(id, reading);
      print(job, () => describeJob(job));
      return exitCodes.succeeded;
    }),
  );

  const wait = ofJob(program, 'wait', 'Wait for a job and print what it gave; Ctrl-C cancels the job');
  wait.action((id: string) => work(wait, (session) => awaitJob(session, id, false)));

  const cancel = ofJob(program, 'cancel', 'Cancel a job that waits or runs');
  cancel.action((id: string) =>
    work(cancel, async ({ client, reading, print, note }) => {
      const job = await client.cancel(id, reading);
      print(job, () => `${job.state}\n`);
      if (job.state === 'running') note('It was told to stop, and will within seconds.');
      return exitCodes.succeeded;
    }),
  );

  const retry = ofJob(program, 'retry', 'Run a job that has ended again, as a new job')
    .option('--input <json>', 'in place of its input', parseJson)
    .option('--options <json>', 'in place of its options', parseJson)
    .option('--no-wait', 'print the id of the new job and leave');
  retry.action((id: string) =>
    work(retry, async (session) => {
      const { input, options, wait } = retry.opts<{ input?: unknown; options?: unknown; wait: boolean }>();
      const edited = input === undefined && options === undefined ? undefined : { input, options };
      const job = await session.client.retry(id, edited as never, session.reading);
      if (wait) {
        session.note(`The new job is ${harmless(job.id)}`);
        return awaitJob(session, job.id, false);
      }
      session.print(job, () => `${job.id}\n`);
      return exitCodes.succeeded;
    }),
  );

  const erase = ofJob(program, 'erase', 'Erase what a job was given and what it gave; it ends if need be');
  erase.action((id: string) =>
    work(erase, async ({ client, reading, print }) => {
      const job = await client.erase(id, reading);
      print(job, () => (job.erasedAt === null ? 'not ended yet; erased as soon as it has\n' : 'erased\n'));
      return exitCodes.succeeded;
    }),
  );
}

const ofJob = (program: Command, name: string, description: string) =>
  program
    .command(name)
    .description(description)
    .argument('<id>', 'the id of the job')
    .addHelpText('after', examples(`${name} summarize_Zx3l0vYkQ5Kq1nW8sT2uPg`));

const examples = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  $ slipway ${line}\n`).join('')}`;

function parseSince(text: string): Date {
  const ms = parseSpan(text);
  const time = ms === undefined ? new Date(text) : new Date(Date.now() - ms);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('It must be a span as 2h, or a time.');
  return time;
}
