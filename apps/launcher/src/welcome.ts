import type { Config } from '@slipway/config/load';
import type { DataFolder } from '@slipway/contract/data-folder';
import type { Readiness } from '@slipway/contract/readiness';

/** The block that is printed once the house answers. `operate` is where the operator signs in. */
export function welcome(
  address: string,
  data: DataFolder,
  redis: string,
  readiness: Readiness,
  operate: string,
  needsKey = false,
): string {
  const { engine, reason } = readiness.tasks.summarize ?? { engine: null, reason: 'no worker yet' };
  const key = needsKey ? " -H 'Authorization: Bearer KEY'" : '';
  return `
  Slipway is up: ${address}

  Submit a job   curl -s ${address}/api/v1/jobs${key} -H 'Content-Type: application/json' \\
                   -d '{"task":"summarize","input":{"text":"…"}}'
  Read it        curl -s ${address}/api/v1/jobs/ID${key}        (the answer's "urls.self")
  Operate it     ${operate}
  Engine         ${engine ?? 'none yet'}: ${reason}
  Data           ${placeOf(data, readiness)}
  Redis          ${redis}
  Stop           Ctrl-C
`;
}

/** What a start is told from, in one line: who, where, and what will be left of it. Names no value of a variable. */
export function startLine(
  config: Pick<Config, 'cores' | 'memory' | 'hubDataset' | 'hubToken' | 'offline'>,
  data: DataFolder,
  uid: number,
): string {
  const archived = config.hubDataset !== undefined && config.hubToken !== undefined && !config.offline;
  const kept = archived ? `${data.kind} and a dataset` : data.kind;
  return `slipway: UID ${uid}, ${config.cores} cores, ${(config.memory / 1024 ** 3).toFixed(1)} GiB of memory, persistence: ${kept}`;
}

function placeOf({ kind, dir, wanted, reason }: DataFolder, { parts }: Readiness): string {
  const isArchived = parts.some(({ name, state }) => name === 'archive' && state === 'ok');
  if (kind === 'ephemeral' && isArchived) return `${dir}: gone after a restart; jobs come back from the archive`;
  if (kind === 'ephemeral') return `${dir}: gone after a restart, because ${wanted} ${reason}`;
  return kind === 'bucket' ? `${dir} (a bucket: Redis' snapshots are copied there)` : dir;
}
