import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * A script's flags, `--help` among them. Ends the process for it: 0 and the help on standard output; and for flags that it
 * does not know: 2, one line that says which, and the help.
 */
export function readArguments<const T extends Options>(help: string, options: T, args = process.argv.slice(2)) {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(help);
    process.exit(0);
  }
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    return wrongUse((error as Error).message, help);
  }
}

/** Ends the process with code 2. */
export function wrongUse(fault: string, help: string): never {
  console.error(`${fault}\n\n${help}`);
  process.exit(2);
}
