import { parseArgs } from 'node:util';
import { makeModels } from './make.ts';

const help = `Usage: node_modules/.bin/node models/cli.ts DIR [--slow N]

Writes the models that the tests run into DIR, at <org>/<name>. They need no download and no training.

  --slow N   each step also multiplies two N × N matrices (default 0; 512 costs about 5 ms on one core, 1024 about 40)
  --help     this text
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { slow: { type: 'string', default: '0' }, help: { type: 'boolean', default: false } },
});
const [dir] = positionals;
const slow = Number(values.slow);

if (values.help) {
  process.stdout.write(help);
} else if (dir === undefined || positionals.length > 1 || !Number.isInteger(slow) || slow < 0) {
  process.stderr.write(help);
  process.exitCode = 2;
} else {
  for (const id of await makeModels(dir, { slow })) process.stdout.write(`${dir}/${id}\n`);
}
