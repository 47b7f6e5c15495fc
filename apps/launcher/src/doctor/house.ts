import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@slipway/client/client';
import { ProblemError } from '@slipway/client/errors';
import type { Config } from '@slipway/config/load';
import type { EngineStatus } from '@slipway/contract/engines';
import type { Readiness } from '@slipway/contract/readiness';
import { type Check, fail, ok, warn } from './check.ts';

/** A house that takes longer than this to say how it is, in milliseconds, hangs. */
const limitMs = 5_000;

/** What the running house says of itself through its port. */
export async function checkHouse({ port }: Config): Promise<Check[]> {
  const client = createClient({ baseUrl: `http://127.0.0.1:${port}` });
  const asked = client.readiness().catch((error: unknown) => (error instanceof ProblemError ? error : undefined));
  const readiness = await Promise.race([asked, sleep(limitMs)]);
  // while it waits for another instance's data, or the gateway is started anew
  if (readiness instanceof ProblemError)
    return [
      fail('port', `${port} answers that it can't serve yet: ${readiness.message}`, 'Its log says what it waits for'),
    ];
  if (!readiness)
    return [
      fail('port', `the house runs, but nothing answers on ${port}`, 'It may be starting; else its log says why'),
    ];
  return [ok('port', `${port} answers`), ready(readiness), ...parts(readiness), ...models(readiness)];
}

function ready({ ready }: Readiness): Check {
  if (ready) return ok('ready', 'a job that is submitted now runs');
  return fail(
    'ready',
    'a job that is submitted now would wait or be refused',
    'The lines below say which part is missing',
  );
}

/** Whose log says more of a part, where it has another name. A part `service echo` writes into `service-echo`. */
const logs: Record<string, string> = { queue: 'redis', workers: 'worker' };
const logOf = (part: string) => logs[part] ?? part.replace(' ', '-');

const adviceFor = (part: string) =>
  part === 'archive'
    ? 'It takes HF_TOKEN, a token that may write the dataset, and no HF_HUB_OFFLINE. The log of courier says more'
    : `The log of ${logOf(part)} says more`;

/** The data folder has a line of its own that says more. */
function parts({ parts }: Readiness): Check[] {
  return parts
    .filter(({ name }) => name !== 'data')
    .map(({ name, state, reason }) => {
      if (state === 'ok') return ok(name, reason);
      return (state === 'down' ? fail : warn)(name, reason, adviceFor(name));
    });
}

function models({ tasks }: Readiness): Check[] {
  return Object.entries(tasks).map(([task, status]) => modelOf(task, status));
}

function modelOf(task: string, { engine, reason, model }: EngineStatus): Check {
  const detail = `${engine ?? 'no engine'}${model ? `, ${model.id} ${model.state}` : ''}: ${reason}`;
  if (model?.state === 'unavailable')
    return warn(task, detail, 'Set LOCAL_MODEL_PATH or HF_ENDPOINT, or see that the hub can be reached');
  return ok(task, detail);
}
