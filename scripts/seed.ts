/** `npm run seed`: fills a running instance with varied jobs, to have something to look at. */
import path from 'node:path';
import { type Client, createClient } from '@slipway/client/client';
import { UnreachableError } from '@slipway/client/errors';
import { clientDefaults } from '@slipway/config/client';
import { readEnvFile } from '@slipway/config/environment';
import { loadConfig } from '@slipway/config/load';
import type { Job } from '@slipway/contract/jobs';
import { readArguments, wrongUse } from './arguments.ts';
import { seedJobs } from './seed-jobs.ts';
import { endingsOf, tasksOf } from './seed-words.ts';

const help = `Usage: npm run seed                      20 jobs to the instance on this machine
       npm run seed -- --jobs 100        how many
       npm run seed -- --url https://…   another instance
Where keys are needed, SLIPWAY_API_KEY has one.`;

const args = readArguments(help, { jobs: { type: 'string', default: '20' }, url: { type: 'string' } });
const count = Number(args.jobs);
if (!Number.isInteger(count) || count < 1) wrongUse('--jobs must be a whole number, at least 1.', help);
if (args.url !== undefined && !/^https?:$/.test(URL.parse(args.url)?.protocol ?? ''))
  wrongUse(`--url must be an http(s) address; ${args.url} is not.`, help);
readEnvFile(path.resolve(import.meta.dirname, '../.env'));
const url = args.url ?? `http://127.0.0.1:${loadConfig().port}`;

try {
  await seed(createClient({ baseUrl: url, apiKey: clientDefaults().apiKey }));
} catch (error) {
  const advice =
    error instanceof UnreachableError ? `\nIs the instance at ${url} running? Start it with: npm start` : '';
  console.error(`seed: ${(error as Error).message}${advice}`);
  process.exit(1);
}

async function seed(client: Client): Promise<void> {
  const ids: string[] = [];
  const jobs = seedJobs(count);
  for (const job of jobs) ids.push((await client.submit(job.task, job.input, job.options, { outageMs: 2_000 })).id);
  console.log(`submitted ${ids.length} jobs (${tasksOf(jobs)}) to ${url}`);

  const ended: Job[] = [];
  for (const id of ids) ended.push(await client.wait(id));
  for (const line of endingsOf(ended)) console.log(line);
}
