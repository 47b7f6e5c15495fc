/** `npm test`: every suite, one after the other, and the true counts at the end. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readArguments, wrongUse } from './arguments.ts';
import { addCounts, type Counts, countsOf, none, skippedLines } from './test-counts.ts';

const help = `Usage: npm test                    everything
       npm test -- --only unit     one suite: check, unit, stack or container`;

const args = readArguments(help, { only: { type: 'string' } });

const suites: Record<string, () => Counts> = {
  check: () => step('npm', ['run', '--silent', 'check']),
  unit: () => vitest('unit'),
  stack: () => step('npm', ['run', '--silent', 'build'], () => vitest('stack')),
  container: () => vitest('container'),
};
const chosen = args.only === undefined ? Object.keys(suites) : [args.only];
const unknown = chosen.find((name) => !Object.hasOwn(suites, name));
if (unknown !== undefined) wrongUse(`there is no suite ${unknown}.`, help);

let total = none;
for (const name of chosen) {
  console.log(`\n== ${name}`);
  const counts = suites[name]?.() ?? none;
  console.log(`== ${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  total = addCounts(total, counts);
}
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed > 0 ? 1 : 0);

/** A command counts as one test; what comes after it runs only when it went well. */
function step(command: string, commandArgs: string[], next: () => Counts = () => none): Counts {
  const { status } = spawnSync(command, commandArgs, { stdio: 'inherit' });
  return status === 0 ? addCounts({ passed: 1, failed: 0, skipped: 0 }, next()) : { passed: 0, failed: 1, skipped: 0 };
}

function vitest(project: string): Counts {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-test-'));
  const file = path.join(dir, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { status } = spawnSync('vitest', ['run', '--project', project, ...reporters], { stdio: 'inherit' });
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    for (const line of skippedLines(report)) console.log(line);
    return countsOf(report, status);
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }; // it ended before it could report
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
