import type { Readiness } from '@slipway/contract/readiness';
import type { DataDir } from './folders.ts';

/** The block that is printed once the house answers. `operate` is where the operator signs in. */
export function welcome(address: string, data: DataDir, redis: string, readiness: Readiness, operate: string): string {
  const { engine, reason } = readiness.tasks.summarize ?? { engine: null, reason: 'no worker yet' };
  const kept = data.ephemeral ? `${data.dir}: gone after a restart, because ${data.ephemeral}` : data.dir;
  return `
  Slipway is up: ${address}

  Submit a job   curl -s ${address}/api/v1/jobs -H 'Content-Type: application/json' \\
                   -d '{"task":"summarize","input":{"text":"…"}}'
  Read it        curl -s ${address}/api/v1/jobs/ID        (the answer's "urls.self")
  Operate it     ${operate}
  Engine         ${engine ?? 'none yet'}: ${reason}
  Data           ${kept}
  Redis          ${redis}
  Stop           Ctrl-C
`;
}
