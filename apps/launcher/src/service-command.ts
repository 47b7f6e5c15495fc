import path from 'node:path';
import type { RunningService } from '@slipway/config/running-services';

/** What a service finds in its environment besides what service.json names. */
export function serviceVariables({ name, port, path: basePath }: RunningService): Record<string, string> {
  return { PORT: String(port), HOST: '127.0.0.1', BASE_PATH: basePath, SLIPWAY_SERVICE: name };
}

/** The program and its arguments, `$PORT` and `$BASE_PATH` filled in. `node` is the Node that runs the house. */
export function serviceCommand({ command, port, path: basePath }: RunningService): [string, string[]] {
  const [program = '', ...args] = command.map((word) =>
    word.replace(/\$(PORT|BASE_PATH)\b/g, (_, name) => (name === 'PORT' ? String(port) : basePath)),
  );
  return [program === 'node' ? process.execPath : program, args];
}

/** PATH with the house's Node first, so that `npm` scripts and the like find it too. */
export const withOurNode = (searched: string | undefined) => `${path.dirname(process.execPath)}:${searched ?? ''}`;
