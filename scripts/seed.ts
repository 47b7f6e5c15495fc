/** `npm run seed`: fills a running instance with varied jobs, to have something to look at. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Client, createClient } from '@slipway/client/client';
import { UnreachableError } from '@slipway/client/errors';
import { readEnvFile } from '@slipway/config/environment';
import { loadConfig } from '@slipway/config/load';
import { endStates } from '@slipway/contract/jobs';
import { taskNames } from '@slipway/contract/tasks';
import { seedJobs } from './seed-jobs.ts';

const help = `Usage: npm run seed                      20 jobs to the instance on this machine
       npm run seed -- --jobs 100        how many
       npm run seed -- --url https://…   another instance`;

const { values: args } = parseArgs({
  options: {
    jobs: { type: 'string', default: '20' },
    url: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const count = Number(args.jobs);
if (args.help || !Number.isInteger(count) || count < 1) {
  console.log(help);
  process.exit(args.help ? 0 : 2);
}
readEnvFile(path.resolve(import.meta.dirname, '../.env'));
const url = args.url ?? `http://127.0.0.1:${loadConfig().port}`;

try {
  await seed(createClient({ baseUrl: url }));
} catch (error) {
  const advice =
    error instanceof UnreachableError ? `\nIs the instance at ${url} running? Start it with: npm start` : '';
  console.error(`seed: ${(error as Error).message}${advice}`);
  process.exit(1);
}

async function seed(client: Client): Promise<void> {
  const ids: string[] = [];
  for (const job of seedJobs(count)) ids.push((await client.submit(job.task, job.input, job.options)).id);
  console.log(`submitted ${ids.length} jobs (${taskNames.join(', ')}) to ${url}`);

  const states = new Map<string, number>();
  for (const id of ids) {
    const { state } = await client.wait(id);
    if (endStates.has(state)) states.set(state, (states.get(state) ?? 0) + 1);
  }
  console.log([...states].map(([state, n]) => `${n} ${state}`).join(', '));
}
