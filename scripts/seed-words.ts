import type { Job } from '@slipway/contract/jobs';

/** How many of each task: `18 summarize, 2 chat`. */
export const tasksOf = (jobs: { task: string }[]): string => counted(jobs.map(({ task }) => task)).join(', ');

/** How many ended how, and below it a line for each reason that jobs failed for. */
export function endingsOf(jobs: Pick<Job, 'state' | 'error'>[]): string[] {
  const reasons = jobs.flatMap(({ error }) => (error ? [`${error.code}: ${error.message}`] : []));
  return [counted(jobs.map(({ state }) => state)).join(', '), ...counted(reasons).map((line) => `  ${line}`)];
}

function counted(words: string[]): string[] {
  return [...Map.groupBy(words, (word) => word)].map(([word, all]) => `${all.length} ${word}`);
}
