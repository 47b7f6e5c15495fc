import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './stack.ts';

const file = path.resolve(root, '../shared/eval/qmsum.jsonl');

/** A meeting of about 9,000 words from QMSum where the evaluation set is there, else one made here of that length. */
export function transcript(): string {
  if (!existsSync(file)) return madeTranscript();
  const [line = ''] = readFileSync(file, 'utf8').split('\n', 1);
  return (JSON.parse(line) as { document: string }).document;
}

function madeTranscript(): string {
  const topics = ['the budget', 'the new remote control', 'the field study', 'the user interface', 'the schedule'];
  const turns = Array.from({ length: 600 }, (_, i) => {
    const topic = topics[i % topics.length];
    return `Speaker ${'ABCD'[i % 4]}: In point ${i} we looked at ${topic} and found that ${topics[(i * 7 + 1) % 5]} depends on it.`;
  });
  return turns.join('\n');
}
