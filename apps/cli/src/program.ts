import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { addCatalogueCommands } from './catalogue-commands.ts';
import { describeFailure, exitCodes } from './failure.ts';
import { addJobCommands } from './job-commands.ts';
import { type GlobalFlags, openSession } from './session.ts';
import type { Surroundings } from './surroundings.ts';
import { addTaskCommands, type Work } from './task-commands.ts';
import { harmless, parseSpan } from './words.ts';

const about = `Hands in jobs to a Slipway service, waits for them and prints what they gave.
The result goes to standard output, everything else to standard error.`;

const more = `
Examples:
  $ slipway summarize report.pdf --length short
  $ slipway chat "What does a harbour master do?"
  $ slipway classify-image photo.jpg --json
  $ slipway jobs --state failed

Exit codes: 0 succeeded; 1 failed, canceled or expired; 2 wrong use or refused;
3 the service was out of reach; 130 left by Ctrl-C.
Variables: SLIPWAY_URL and SLIPWAY_API_KEY stand for --url and --api-key.`;

/** Runs the program with these arguments and returns its exit code. Throws only what a bug throws. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stderr, defaults } = surroundings;
  let exitCode: number = exitCodes.succeeded;
  let url = defaults.url;
  const work: Work = async (command, action) => {
    const flags = command.optsWithGlobals<GlobalFlags>();
    url = flags.url;
    const session = openSession({ ...flags, apiKey: flags.apiKey ?? defaults.apiKey }, surroundings);
    try {
      exitCode = await action(session);
    } finally {
      session.close();
    }
  };
  try {
    await createProgram(work, surroundings).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.succeeded : exitCodes.refused;
    const failure = describeFailure(error, url);
    if (!failure) throw error;
    stderr.write(`${harmless(failure.message)}\n`);
    return failure.code;
  }
}

function createProgram(work: Work, { stdout, stderr, defaults }: Surroundings): Command {
  const program = new Command('slipway')
    .description(about)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? 80,
      getErrHelpWidth: () => stderr.columns ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(--help tells more)')
    .option('--url <url>', 'where the service is', defaults.url)
    .option('--api-key <key>', 'your key; other users of this machine can read it here, so prefer SLIPWAY_API_KEY')
    .option('--json', 'print the answer of the service as one JSON document')
    .addOption(
      new Option('--patience <span>', 'how long to bear with a service that is out of reach or full')
        .argParser(parsePatience)
        .default(30_000, '30s'),
    )
    .addHelpText('after', more);
  program.commandsGroup('Tasks:');
  addTaskCommands(program, work);
  program.commandsGroup('Jobs:');
  addJobCommands(program, work);
  program.commandsGroup('The service:');
  addCatalogueCommands(program, work);
  return program;
}

function parsePatience(text: string): number {
  const ms = text.trim() === '0' ? 0 : parseSpan(text);
  if (ms === undefined) throw new InvalidArgumentError('It must be a span as 0, 30s or 5m.');
  return ms;
}
