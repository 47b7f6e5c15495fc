import type { ListedJob } from '@slipway/contract/job-list';
import type { Job } from '@slipway/contract/jobs';
import { harmless, oneLine, span, table } from './words.ts';

/** What a job gave, for people: its text, its labels with their scores, or whatever it is as JSON. */
export function resultText(output: unknown): string {
  const fields: Record<string, unknown> = isObject(output) ? output : {};
  if (isObject(fields.message) && typeof fields.message.content === 'string') return fields.message.content;
  if (isLabels(fields.labels))
    return table(
      fields.labels.map(({ label, score }) => [`${(score * 100).toFixed(1).padStart(5)} %`, label]),
    ).trimEnd();
  const [value, ...others] = Object.values(fields);
  if (typeof value === 'string' && others.length === 0) return value;
  return JSON.stringify(output, null, 2);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isLabels = (value: unknown): value is { label: string; score: number }[] =>
  Array.isArray(value) &&
  value.every((item) => isObject(item) && typeof item.label === 'string' && typeof item.score === 'number');

/** All that there is to say about a job, one line a fact, and its output last. */
export function describeJob(job: Job): string {
  const { metrics, progress } = job;
  const facts: [string, unknown][] = [
    ['id', job.id],
    ['state', job.error ? `${job.state}: ${job.error.message} (${job.error.code})` : job.state],
    ['position', job.position],
    ['starts', job.state === 'queued' ? job.estimate?.startsAt : undefined],
    ['ends', job.state === 'queued' || job.state === 'running' ? job.estimate?.endsAt : undefined],
    ['progress', progress && job.state === 'running' ? `${percent(progress.ratio)} ${progress.message}` : undefined],
    ['engine', job.engine && [job.engine, job.engineReason && `(${job.engineReason})`].filter(Boolean).join(' ')],
    ['model', job.model],
    ['priority', job.priority],
    ['tags', job.tags.join(' ')],
    ['attempts', job.attempts],
    ['waited', metrics.queuedMs === null ? undefined : span(metrics.queuedMs)],
    ['ran', metrics.runMs === null ? undefined : span(metrics.runMs)],
    [
      'tokens',
      metrics.inputTokens === null ? undefined : `${metrics.inputTokens} in, ${metrics.outputTokens ?? 0} out`,
    ],
    ['created', job.createdAt],
    ['finished', job.finishedAt],
    ['deadline', job.deadline],
    ['kept until', job.expiresAt],
    ['retry of', job.retryOf],
    ['erased', job.erasedAt],
  ];
  const known = facts.filter(([, fact]) => fact !== undefined && fact !== null && fact !== '');
  const head = table(known.map(([name, fact]) => [name, oneLine(String(fact))]));
  return job.output === undefined ? head : `${head}\n${harmless(resultText(job.output))}\n`;
}

export const percent = (ratio: number) => `${String(Math.floor(ratio * 100)).padStart(3)} %`;

/** One line a job: id, state, age, tags and the beginning of its input. */
export function describeList(jobs: readonly ListedJob[], now: number): string {
  const rows = jobs.map(({ id, state, createdAt, tags, excerpt }) => [
    id,
    state,
    `${span(now - Date.parse(createdAt))} ago`,
    oneLine(tags.map((tag) => `#${tag}`).join(' ')),
    oneLine(excerpt ?? '').slice(0, 60),
  ]);
  return table(rows);
}
