import type { TaskInput, TaskName, TaskOptionsGiven } from '@slipway/contract/tasks';

export interface SeedJob {
  task: TaskName;
  input: TaskInput<'summarize'>;
  options: TaskOptionsGiven<'summarize'>;
}

const subjects = ['The harbour', 'A slipway', 'The dry dock', 'The night shift', 'Our foreman', 'The old crane'];
const verbs = ['needs', 'lost', 'measured', 'repaired', 'waited for', 'is proud of'];
const objects = [
  'a new keel',
  'the tide',
  'forty metres of rope',
  'its last plank',
  'the inspection',
  'a coat of paint',
];
const lengths = ['short', 'medium', 'long'] as const;
const formats = ['paragraph', 'bullets'] as const;

/** Jobs of many lengths and options, the same ones each time; one in ten asks for a model and may fail for it. */
export function seedJobs(count: number): SeedJob[] {
  return Array.from({ length: count }, (_, i) => ({
    task: 'summarize',
    input: { text: madeText(i, 5 + ((i * 37) % 400)) },
    options: {
      engine: i % 10 === 9 ? 'transformers' : 'auto',
      length: pick(lengths, i),
      format: pick(formats, Math.floor(i / 3)),
    },
  }));
}

function madeText(seed: number, sentences: number): string {
  return Array.from({ length: sentences }, (_, i) => {
    const n = seed * 31 + i * 17;
    return `${pick(subjects, n)} ${pick(verbs, n + i)} ${pick(objects, n * 7 + i)} on day ${i + 1}.`;
  }).join(' ');
}

/** The list, over and over. */
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
