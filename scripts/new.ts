/** `pnpm new service NAME`, `pnpm new task NAME`: writes one that works, with a test. */
import path from 'node:path';
import { readArguments, wrongUse } from './arguments.ts';
import { newService } from './new-service.ts';
import { newTask } from './new-task.ts';

const help = `Usage: pnpm new service NAME      a program of its own behind the one port: services/NAME (docs/services.md)
       pnpm new task NAME         what jobs can ask for: a definition and a handler (docs/forking.md)
Without pnpm: npm run new -- service NAME. A NAME has small letters, digits and dashes.`;

const kinds: Record<string, (root: string, name: string) => string> = { service: newService, task: newTask };

const words = process.argv.slice(2);
readArguments(
  help,
  {},
  words.filter((word) => word.startsWith('-')),
);
const [kind = '', name = '', ...more] = words.filter((word) => !word.startsWith('-'));
const make = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
if (!make || more.length > 0) wrongUse('Say what: service NAME or task NAME.', help);
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 32)
  wrongUse(`${name || 'An empty name'} does not do: small letters, digits and dashes, at most 32.`, help);
try {
  console.log(make(path.resolve(import.meta.dirname, '..'), name));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
