import { type Command, InvalidArgumentError, Option } from 'commander';
import { flagOf } from './words.ts';

/** What is read of a JSON Schema. */
export interface Schema {
  type?: unknown;
  enum?: unknown[];
  default?: unknown;
  description?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
}

/** Gives a command one flag for each option of its task, and returns what reads them from the parsed command. */
export function addTaskOptions(command: Command, schema: Schema): (parsed: Record<string, unknown>) => Given {
  const attributes: [name: string, attribute: string][] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const flag = flagOf(name);
    // a task may call its option as the program calls one of its own
    const option = toOption(isTaken(command, flag) ? `--option-${flag.slice(2)}` : flag, property);
    command.addOption(option);
    attributes.push([name, option.attributeName()]);
  }
  return (parsed) => {
    const given = attributes.flatMap(([name, attribute]) =>
      parsed[attribute] === undefined ? [] : [[name, parsed[attribute]] as const],
    );
    return given.length === 0 ? undefined : Object.fromEntries(given);
  };
}

/** The options that were given; the service knows the defaults of the others. */
export type Given = Record<string, unknown> | undefined;

function isTaken(command: Command, flag: string): boolean {
  for (let at: Command | null = command; at; at = at.parent)
    if (at.options.some(({ long }) => long === flag || long === flag.replace('--', '--no-'))) return true;
  return flag === '--help';
}

function toOption(flag: string, schema: Schema): Option {
  const { type, enum: choices, default: preset, description = '', items } = schema;
  const isPlain = preset !== undefined && !Array.isArray(preset) && typeof preset !== 'object';
  const about = [description.replaceAll('`', ''), isPlain ? `(default: ${preset})` : ''].filter(Boolean).join(' ');
  if (choices) return new Option(`${flag} <choice>`, about).choices(choices.map(String));
  if (type === 'boolean') return new Option(preset === true ? flag.replace('--', '--no-') : flag, about);
  if (type === 'integer' || type === 'number') return new Option(`${flag} <number>`, about).argParser(parseNumber);
  if (type === 'string') return new Option(`${flag} <text>`, about);
  if (type === 'array' && items?.type === 'string')
    return new Option(`${flag} <text>`, `${about} May be given more than once.`.trim()).argParser(collect);
  return new Option(`${flag} <json>`, about).argParser(parseJson);
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('It must be a number.');
  return number;
}

/** For flags that may come more than once. */
export const collect = (text: string, before: string[] | undefined) => [...(before ?? []), text];

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('It must be JSON.');
  }
}
