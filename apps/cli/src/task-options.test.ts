import { Command, CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { addTaskOptions, type Schema } from './task-options.ts';

/** What is sent for these arguments by a command with the options of this schema. */
function given(properties: Record<string, Schema>, args: string[]) {
  const program = new Command()
    .exitOverride()
    .option('--json')
    .configureOutput({ writeErr: () => {} });
  const command = program.command('do').option('--no-wait', 'leave');
  const read = addTaskOptions(command, { properties });
  let sent: unknown;
  command.action(() => {
    sent = read(command.opts());
  });
  program.parse(['do', ...args], { from: 'user' });
  return sent;
}

test.each<[string, Schema, string[], unknown]>([
  ['a whole number', { type: 'integer' }, ['--of-it', '-3'], -3],
  ['a number', { type: 'number', default: 0 }, ['--of-it', '1e-1'], 0.1],
  ['a text that looks like a number', { type: 'string' }, ['--of-it', '7'], '7'],
  ['one of some', { type: 'string', enum: ['a', 'b'] }, ['--of-it', 'b'], 'b'],
  ['a switch', { type: 'boolean', default: false }, ['--of-it'], true],
  ['texts', { type: 'array', items: { type: 'string' } }, ['--of-it', 'a', '--of-it', 'b'], ['a', 'b']],
  ['anything else', { type: 'array', items: { type: 'number' } }, ['--of-it', '[1,2]'], [1, 2]],
])('%s', (_, schema, args, value) => {
  expect(given({ ofIt: schema }, args)).toEqual({ ofIt: value });
  expect(given({ ofIt: schema }, [])).toBeUndefined();
});

test('an option that is called like one of the program has a longer flag', () => {
  const text = { type: 'string' };
  expect(
    given({ json: text, wait: text, help: text }, ['--option-json', 'a', '--option-wait', 'b', '--option-help', 'c']),
  ).toEqual({
    json: 'a',
    wait: 'b',
    help: 'c',
  });
});

test.each([
  [{ type: 'integer' }, 'x'],
  [{ type: 'number' }, ''],
  [{ enum: ['a'] }, 'b'],
  [{ type: 'object' }, '{'],
])('what %j cannot be: %s', (schema, value) => {
  expect(() => given({ it: schema }, ['--it', value])).toThrow(CommanderError);
});
