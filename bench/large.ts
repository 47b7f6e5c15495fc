import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { printTable } from './table.ts';

/** What `large-run.ts` prints. */
export interface LargeRun {
  words: number;
  seconds: number;
  /** Of the whole process, before the text was made and at its greatest, in MB. */
  idleMegabytes: number;
  peakMegabytes: number;
}

const texts = [
  { name: 'Latin, 1 MB', script: 'latin', characters: 1_000_000 },
  { name: 'Latin, 2 million characters (the most a job takes)', script: 'latin', characters: 2_000_000 },
  { name: 'Chinese, 1 MB', script: 'chinese', characters: 333_333 },
];

/** Prints time and greatest memory of the engine on large made-up texts, each in a process of its own. */
export function measureLarge(): void {
  console.log('\nlarge texts, the first that their process sees; memory of the whole process');
  printTable(
    ['text', 'words', 'seconds', 'words/s', 'peak MB', 'of it idle'],
    texts.map(({ name, script, characters }) => {
      const run = runAlone(script, characters);
      return [
        name,
        run.words.toLocaleString('en'),
        run.seconds.toFixed(2),
        Math.round(run.words / run.seconds).toLocaleString('en'),
        run.peakMegabytes.toFixed(0),
        run.idleMegabytes.toFixed(0),
      ];
    }),
  );
}

function runAlone(script: string, characters: number): LargeRun {
  const file = path.join(import.meta.dirname, 'large-run.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, script, String(characters)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`large-run.ts ${script} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as LargeRun;
}
