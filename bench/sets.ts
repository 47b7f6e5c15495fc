import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { countWords } from './budget.ts';

/** Where the documents lie on a machine that has them, relative to the repository. They are not part of it. */
export const setsFolder = '../shared/eval';

export interface Doc {
  text: string;
  references: string[];
}

export interface DocSet {
  name: string;
  docs: Doc[];
  /** Median length of its references, in words. */
  budget: number;
}

/** Every `<set>.jsonl` of a folder, a line being `{id, document, references}`; none where the folder is missing. */
export function readSets(folder: string): DocSet[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl'));
  return files.sort().map((file) => {
    const lines = readFileSync(path.join(folder, file), 'utf8').split('\n').filter(Boolean);
    const docs = lines.map((line): Doc => {
      const { document, references } = JSON.parse(line) as { document: string; references: string[] };
      return { text: document, references };
    });
    return { name: path.basename(file, '.jsonl'), docs, budget: medianLength(docs) };
  });
}

export function medianLength(docs: Doc[]): number {
  const lengths = docs.flatMap(({ references }) => references.map(countWords)).sort((a, b) => a - b);
  const middle = (lengths.length - 1) / 2;
  return Math.floor(((lengths[Math.floor(middle)] ?? 0) + (lengths[Math.ceil(middle)] ?? 0)) / 2);
}
