import path from 'node:path';
import { bootstrap, type Interval } from './interval.ts';
import { measureLarge } from './large.ts';
import { engineName, type Method, methods } from './methods.ts';
import { measures, type Rouge, rouge, wordsOf } from './rouge.ts';
import { type DocSet, readSets, setsFolder } from './sets.ts';
import { printTable } from './table.ts';

interface Run {
  name: string;
  /** One for each document. */
  scores: Rouge[];
  /** Of input, a second. */
  speed: number;
}

/** Prints a table for each set of documents, and one on the engine's time and memory with large texts. */
export async function measureQuality(): Promise<void> {
  const sets = readSets(path.resolve(import.meta.dirname, '..', setsFolder));
  if (sets.length === 0) console.log(`There are no sets of documents in ${setsFolder}: no ROUGE.`);
  for (const set of sets) await measureSet(set);
  measureLarge();
}

async function measureSet(set: DocSet): Promise<void> {
  console.log(`\n${set.name}: ${set.docs.length} documents, ${set.budget} words each; F1 × 100, 95 % interval`);
  const runs: Run[] = [];
  for (const [name, method] of Object.entries(methods)) runs.push(await runMethod(name, method, set));
  printTable(
    ['method', ...measures.map(({ label }) => label), 'words/s'],
    runs.map(({ name, scores, speed }) => [
      name,
      ...measures.map(({ of }) => formatInterval(bootstrap(scores.map(of)))),
      formatCount(speed),
    ]),
  );
  compare(runs);
}

async function runMethod(name: string, method: Method, { docs, budget }: DocSet): Promise<Run> {
  const summaries: string[] = [];
  for (const { text } of docs.slice(0, 3)) await method(text, budget); // what the compiler learns is not measured
  const start = performance.now();
  for (const { text } of docs) summaries.push(await method(text, budget));
  const seconds = (performance.now() - start) / 1000;
  const words = docs.reduce((sum, { text }) => sum + wordsOf(text).length, 0);
  const scores = docs.map(({ references }, place) => rouge(summaries[place] as string, references));
  return { name, scores, speed: words / seconds };
}

/** How far the engine is from the baseline that is best by each measure, document by document. */
function compare(runs: Run[]): void {
  const engine = runs.find(({ name }) => name === engineName) as Run;
  const others = runs.filter((run) => run !== engine);
  for (const { label, of } of measures) {
    const mean = (run: Run) => bootstrap(run.scores.map(of)).mean;
    const best = others.reduce((most, run) => (mean(run) > mean(most) ? run : most));
    const differences = engine.scores.map((score, place) => of(score) - of(best.scores[place] as Rouge));
    console.log(`  ${label}: ${engineName} − ${best.name} = ${formatInterval(bootstrap(differences))}`);
  }
}

function formatInterval({ mean, low, high }: Interval): string {
  const percent = (value: number) => (100 * value).toFixed(1);
  return `${percent(mean)} (${percent(low)} to ${percent(high)})`;
}

function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en');
}
