import { describeTask } from '@slipway/contract/catalogue';
import type { Job } from '@slipway/contract/jobs';
import { type TaskName, taskNames, tasks } from '@slipway/contract/tasks';
import type { Command } from 'commander';
import { awaitJob } from './await-job.ts';
import { exitCodes } from './failure.ts';
import { type InputKind, inputKindOf, type Payload, readInput } from './input.ts';
import type { Session } from './session.ts';
import { addTaskOptions, type Given, parseJson } from './task-options.ts';
import { addTerms, type TermFlags, termsOf } from './terms.ts';

/** Runs a command's work in a session and keeps its exit code. */
export type Work = (command: Command, work: (session: Session) => Promise<number>) => Promise<void>;

interface InputFlags {
  text?: string;
  system?: string;
  input?: unknown;
  wait: boolean;
}

/** One command for each task of the contract, with the flags that the task's own schemas say. */
export function addTaskCommands(program: Command, work: Work): void {
  for (const task of taskNames) {
    const how = inputKindOf(task);
    const command = program.command(task).description(tasks[task].title);
    addInput(command, how);
    addTerms(command).option('--no-wait', 'print the id of the job and leave');
    command.optionsGroup('Options of the task:');
    const optionsOf = addTaskOptions(command, describeTask(task).options);
    command.addHelpText('after', `\nExamples:\n${examples(task, how)}`);
    command.action((words: string[] | string | undefined) =>
      work(command, async (session) => {
        const flags = command.opts<InputFlags & TermFlags>();
        const given = { ...flags, words: words === undefined ? [] : [words].flat() };
        const payload = await session.unlessLeft(readInput(how, given, session.surroundings));
        const job = await submit(session, task, payload, optionsOf(flags as unknown as Record<string, unknown>), flags);
        if (flags.wait) return awaitJob(session, job.id, how.kind === 'conversation');
        session.print(job, () => `${job.id}\n`);
        return exitCodes.succeeded;
      }),
    );
  }
}

function addInput(command: Command, { kind }: InputKind): void {
  if (kind === 'document' || kind === 'image') command.argument('[file]', `the ${kind}; - for standard input`);
  if (kind === 'document') command.option('--text <text>', 'the text itself, in place of a file');
  if (kind === 'text') command.argument('[text...]', 'the text; - for standard input');
  if (kind === 'conversation')
    command
      .argument('[question...]', 'what to ask; - for standard input')
      .option('--system <text>', 'how the answer is to be');
  command.option('--input <json>', "the task's input as JSON", parseJson);
}

/** The input and the options go as they were given: the service judges them. */
function submit(
  { client, reading }: Session,
  task: TaskName,
  payload: Payload,
  options: Given,
  flags: TermFlags,
): Promise<Job> {
  const terms = { ...reading, ...termsOf(flags) };
  return 'file' in payload
    ? client.submitFile(task as never, payload.file, options as never, terms)
    : client.submit(task, payload.input as never, options as never, terms);
}

function examples(task: TaskName, { kind }: InputKind): string {
  const lines = {
    document: [`${task} report.pdf`, `${task} --text "…"`, `${task} - < notes.txt`, `${task} report.pdf --json`],
    image: [`${task} photo.jpg`, `${task} photo.jpg --json`],
    conversation: [`${task} "What does a harbour master do?"`, `${task} --system "Be brief." "Why is the sea salty?"`],
    text: [`${task} "…"`, `${task} - < notes.txt`],
    json: [`${task} --input '{…}'`],
  }[kind];
  return [...lines, `${lines[0]} --priority low --tag night --no-wait`].map((line) => `  $ slipway ${line}\n`).join('');
}
