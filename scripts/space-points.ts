/** `npm run space-points`: runs the tests that prove the forty points, and writes their table to docs/space-points.md. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readArguments } from './arguments.ts';
import { findPointTests, outcomeOf, type Report, tableOf } from './space-points-table.ts';

const help = `Usage: npm run space-points    runs what proves the forty points, and writes docs/space-points.md
Takes some minutes, and podman for what is shown in the container.`;
readArguments(help, {});

const intro = `# The forty points

What a Docker Space on Hugging Face has to be, point by point, and the tests that show it. Written by \`npm run space-points\`,
last on ${new Date().toISOString().slice(0, 10)}; a test carries the numbers of its points in its name. What is shown "in the container" runs
the image with podman; the platform itself was never part of a test, and the last column says what that leaves open.
`;

const root = path.resolve(import.meta.dirname, '..');
const tests = findPointTests(root);
const dir = mkdtempSync(path.join(tmpdir(), 'slipway-points-'));
const report = path.join(dir, 'report.json');
const files = [...new Set(tests.map(({ file }) => file))];
const flags = ['--testNamePattern', '^(.* )?points? [0-9]', '--reporter=default', '--reporter=json'];
spawnSync('vitest', ['run', ...files, ...flags, `--outputFile.json=${report}`], { cwd: root, stdio: 'inherit' });
const reports = [JSON.parse(readFileSync(report, 'utf8')) as Report];
rmSync(dir, { recursive: true, force: true });

const outcomes = new Map(tests.map((test) => [test, outcomeOf(test, root, reports)]));
const table = tableOf(tests, (test) => outcomes.get(test) ?? 'not run');
writeFileSync(path.join(root, 'docs/space-points.md'), `${intro}\n${table}\n`);
const bad = [...outcomes].filter(([, outcome]) => outcome !== 'passed');
for (const [{ file, name }, outcome] of bad) console.log(`${outcome}: ${file}: ${name}`);
console.log(`\n${tests.length} tests, ${tests.length - bad.length} passed: docs/space-points.md`);
process.exit(bad.some(([, outcome]) => outcome !== 'skipped') ? 1 : 0);
