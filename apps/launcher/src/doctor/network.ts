import type { Config } from '@slipway/config/load';
import { requireFreePort } from '../free-port.ts';
import { type Check, fail, ok, reasonOf, warn } from './check.ts';

/** How long the hub gets to answer, in milliseconds. */
const hubLimitMs = 5_000;

/** Whether a start could have the port. */
export async function checkFreePort({ port }: Config): Promise<Check> {
  try {
    await requireFreePort(port, false);
    return ok('port', `${port} is free; nothing runs there`);
  } catch (error) {
    return fail('port', reasonOf(error), 'Set PORT to another one, or end the program that has it');
  }
}

/** What the archive will be, by the configuration: before a start nobody else says it. */
export function checkArchive({ hubDataset, hubToken, offline }: Config): Check[] {
  if (hubDataset === undefined) return [];
  if (hubToken === undefined)
    return [
      warn(
        'archive',
        'HF_DATASET_REPO is set without HF_TOKEN: no job is archived',
        'Set HF_TOKEN to a token that may write the dataset, or unset HF_DATASET_REPO',
      ),
    ];
  if (offline)
    return [
      warn('archive', 'no job is archived, as HF_HUB_OFFLINE says', 'Unset HF_HUB_OFFLINE, or HF_DATASET_REPO too'),
    ];
  return [ok('archive', `${hubDataset}; it starts with the house`)];
}

/** Whether models could be fetched: the head of the hub's front page, through the proxy of the environment. */
export async function checkHub({ hubEndpoint, offline }: Config): Promise<Check> {
  const { host } = new URL(hubEndpoint);
  if (offline) return ok('hub', 'not asked, as HF_HUB_OFFLINE says');
  try {
    const { status } = await fetch(hubEndpoint, { method: 'HEAD', signal: AbortSignal.timeout(hubLimitMs) });
    return ok('hub', `${host} answers (${status})`);
  } catch (error) {
    const { cause } = error as Error;
    const why = (cause as NodeJS.ErrnoException | undefined)?.code ?? (error as Error).name;
    const advice =
      'Models that are not here yet can not be fetched: set LOCAL_MODEL_PATH, HF_ENDPOINT for a mirror, or HTTPS_PROXY';
    return warn('hub', `${host} can't be reached (${why})`, advice);
  }
}
