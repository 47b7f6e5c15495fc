import { describeTask } from '@slipway/contract/catalogue';
import type { TaskDefinition } from '@slipway/contract/task';
import { type TaskName, tasks } from '@slipway/contract/tasks';
import { UsageError } from './failure.ts';
import type { Surroundings } from './surroundings.ts';
import type { Schema } from './task-options.ts';

/**
 * How a task's input is given on the command line: as a file, as a question that begins a conversation, as one text, or,
 * for any other, only as JSON.
 */
export type InputKind =
  | { kind: 'document' | 'image'; field: string }
  | { kind: 'conversation' | 'json' }
  | { kind: 'text'; field: string };

/** By what the task's definition says, so that a fork's own tasks have commands too. */
export function inputKindOf(task: TaskName): InputKind {
  const { upload }: TaskDefinition = tasks[task];
  if (upload) return upload;
  const { properties = {}, required = [] } = describeTask(task).input as Schema & { required?: string[] };
  const [field, ...others] = required;
  if (field === undefined || others.length > 0) return { kind: 'json' };
  const { type, items } = properties[field] ?? {};
  if (field === 'messages' && type === 'array' && items?.properties?.role) return { kind: 'conversation' };
  return type === 'string' ? { kind: 'text', field } : { kind: 'json' };
}

/** What the caller gave: the command's arguments, and its flags about the input. */
export interface GivenInput {
  words: string[];
  text?: string | undefined;
  system?: string | undefined;
  input?: unknown;
}

/** What to send: a file, or an input as JSON. */
export type Payload = { file: File } | { input: unknown };

/** Reads the input from where the caller said that it is. Throws UsageError where that is nowhere, or in two places. */
export async function readInput(
  how: InputKind,
  { words, text, system, input }: GivenInput,
  { stdin, readFile }: Pick<Surroundings, 'stdin' | 'readFile'>,
): Promise<Payload> {
  const given = [words.length > 0, text !== undefined, input !== undefined].filter(Boolean).length;
  if (given > 1) throw new UsageError('Give the input once: as an argument, with --text or with --input.');
  if (input !== undefined) return { input };
  const piped = given === 0 || (words.length === 1 && words[0] === '-');
  if (piped && (stdin.isTTY || how.kind === 'json')) throw new UsageError(`There is no input. ${advice[how.kind]}`);

  if (how.kind === 'document' || how.kind === 'image') {
    if (text !== undefined) return { input: { [how.field]: text } };
    if (!piped) return { file: await readFile(words[0] ?? '') };
    const bytes = await readAll(stdin);
    const piece = how.kind === 'document' ? asText(bytes) : undefined;
    return piece === undefined ? { file: new File([bytes], 'stdin') } : { input: { [how.field]: piece } };
  }
  const said = text ?? (piped ? new TextDecoder().decode(await readAll(stdin)) : words.join(' '));
  if (how.kind === 'text') return { input: { [how.field]: said } };
  const messages = [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    { role: 'user', content: said },
  ];
  return { input: { messages } };
}

const advice: Record<InputKind['kind'], string> = {
  document: 'Name a file, give --text, or pipe it in.',
  image: 'Name a file, or pipe it in.',
  conversation: 'Ask something, in quotes.',
  text: 'Give a text, in quotes, or pipe it in.',
  json: 'Give it as JSON with --input.',
};

async function readAll(stdin: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of stdin) parts.push(new Uint8Array(part));
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  if (bytes.length === 0) throw new UsageError('Nothing came through the pipe.');
  return bytes;
}

/** Undefined for what is no text, as a PDF. */
function asText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0) || new TextDecoder('latin1').decode(bytes.subarray(0, 5)) === '%PDF-') return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
