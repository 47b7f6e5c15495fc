import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { points } from './space-points-list.ts';

/** A test that says in its name which points it proves: "point 7: …", "points 2, 17: …". */
export interface PointTest {
  /** From the root of the repository. */
  file: string;
  points: number[];
  /** As it is written, places for values and all, without the points. */
  title: string;
  /** As it is written. */
  name: string;
}

export type Outcome = 'passed' | 'failed' | 'skipped' | 'not run';

/** The parts of vitest's JSON report that are read. */
export interface Report {
  testResults: { name: string; assertionResults: { title: string; status: string }[] }[];
}

const named = /(['"`])(points? (\d+(?:, \d+)*): ((?:(?!\1)[^\\\n]|\\.)+))\1/g;

/** All tests of the repository that prove a point. */
export function findPointTests(root: string): PointTest[] {
  const files = ['apps', 'packages', 'scripts', 'tests'].flatMap((folder) => testFiles(root, folder)).toSorted();
  return files.flatMap((file) => pointTestsIn(file, readFileSync(path.join(root, file), 'utf8')));
}

export const pointTestsIn = (file: string, text: string): PointTest[] =>
  [...text.matchAll(named)].map(([, , name = '', numbers = '', title = '']) => ({
    file,
    points: numbers.split(', ').map(Number),
    title: unescaped(title).replace(/\$\{[^}]*\}$/, ''),
    name: unescaped(name),
  }));

function testFiles(root: string, folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : testFiles(root, name);
    // its own test names points that are none
    return /\.test\.tsx?$/.test(name) && !name.endsWith('space-points.test.ts') ? [name] : [];
  });
}

/** Of a test with many cases: passed when all have, skipped when all were. */
export function outcomeOf({ file, name }: PointTest, root: string, reports: Report[]): Outcome {
  const statuses = reports
    .flatMap(({ testResults }) => testResults)
    .filter((result) => result.name === path.join(root, file))
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ title }) => asPattern(name).test(title))
    .map(({ status }) => status);
  if (statuses.includes('failed')) return 'failed';
  if (statuses.includes('passed')) return 'passed';
  return statuses.length > 0 ? 'skipped' : 'not run';
}

/** A name with the places of its values (%s, %4$s, $name, ${name}) as a pattern for the names of its cases. */
function asPattern(name: string): RegExp {
  const pieces = name
    .split(/\$\{[^}]*\}|%(?:\d+\$)?[sdifjoO]|\$\w+/)
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pieces.join('[\\s\\S]*')}$`);
}

const marks: Record<Outcome, string> = {
  passed: 'passed',
  failed: '**failed**',
  skipped: 'skipped',
  'not run': '**not run**',
};

/** The table of docs/space-points.md, a row a point. */
export function tableOf(tests: PointTest[], outcome: (test: PointTest) => Outcome): string {
  const rows = points.map(({ asks, beyond }, i) => {
    const own = tests.filter((test) => test.points.includes(i + 1));
    const files = [...new Set(own.map(({ file }) => file))];
    const proofs = files.map((file) =>
      proofOf(
        file,
        own.filter((test) => test.file === file),
      ),
    );
    const found = new Set(own.map(outcome));
    const worst = (['failed', 'not run', 'skipped', 'passed'] as const).find((one) => found.has(one)) ?? 'not run';
    const mark = worst === 'skipped' && found.has('passed') ? 'passed, in part skipped' : marks[worst];
    return `| ${i + 1} | ${asks} | ${proofs.join('<br>')} | ${mark} | ${beyond ?? ''} |`;
  });
  const head = ['| | what it asks | proved by | outcome | not shown off the platform |', '|---|---|---|---|---|'];
  return [...head, ...rows].join('\n');
}

const proofOf = (file: string, tests: PointTest[]) =>
  `[${path.basename(file)}](../${file}): ${tests.map(({ title }) => inCell(title)).join('; ')}`;

const inCell = (text: string) =>
  text
    .replace(/%(?:\d+\$)?[sdifjoO]/g, '…')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;');
const unescaped = (text: string) => text.replace(/\\(['"`])/g, '$1');
