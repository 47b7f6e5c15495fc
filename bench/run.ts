/** `npm run bench -- <name>`: prints tables and asserts nothing. */
import { parseArgs } from 'node:util';

// loaded only when asked for: a bench may bring a model library or a Redis
const benches: Record<string, { run: () => Promise<void>; about: string }> = {
  quality: {
    run: async () => (await import('./quality.ts')).measureQuality(),
    about: 'the extractive engine beside simple methods: ROUGE, words a second, memory',
  },
  inference: {
    run: async () => (await import('./inference.ts')).measureInference(),
    about: 'jobs and tokens a second: a bare pipeline, the pool, the pool behind the queue',
  },
  api: {
    run: async () => (await import('./api.ts')).measureApi(),
    about: 'requests a second and time to the client: the stack beside bare Hono and BullMQ',
  },
  streams: {
    run: async () => (await import('./streams.ts')).measureStreams(),
    about: 'memory and time to the client with a thousand open streams of events',
  },
  list: {
    run: async () => (await import('./list.ts')).measureList(),
    about: 'a page of the list of jobs among a thousand and a hundred thousand',
  },
  estimate: {
    run: async () => (await import('./estimate.ts')).measureEstimates(),
    about: 'how far off the estimates of start and end are',
  },
  image: {
    run: async () => (await import('./image.ts')).measureImage(),
    about: 'how large the image and its layers are, beside what it is built on',
  },
};

const help = `Usage: npm run bench -- <name> …

${Object.entries(benches)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')}`;

const { positionals: names, values } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
  strict: false,
});
const unknown = [
  ...names.filter((name) => !Object.hasOwn(benches, name)),
  ...Object.keys(values).flatMap((name) => (name === 'help' ? [] : [`--${name}`])),
];

if (values.help === true) console.log(help);
else if (unknown.length > 0 || names.length === 0) {
  console.error(unknown.length > 0 ? `there is no ${unknown.join(', ')}.\n${help}` : help);
  process.exitCode = 2;
} else for (const name of names) await benches[name]?.run();
