import type { Followed } from './followed.ts';

/**
 * What is to be expected of a job that waits or runs: its place in line, and how long it will take from `nowMs`, in
 * milliseconds since 1970; null where nothing is known.
 */
export function outlook({ state, position, estimate }: Followed, nowMs: number): string | null {
  const leftMs = (time: string) => Date.parse(time) - nowMs;
  const words: string[] = [];
  if (state === 'queued') {
    if (position !== undefined) words.push(`${ordinal(position)} in line`);
    if (estimate) words.push(about(leftMs(estimate.startsAt), 'starts in about', '') ?? 'starts any moment');
  } else if (state === 'running' && estimate) {
    words.push(about(leftMs(estimate.endsAt), 'about', ' left') ?? 'done any moment');
  }
  const told = words.join(', ');
  return told === '' ? null : told.charAt(0).toUpperCase() + told.slice(1);
}

/** Null where the time has come. */
function about(ms: number, before: string, after: string): string | null {
  return ms <= 0 ? null : `${before} ${roughly(ms)}${after}`;
}

function roughly(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

const endings: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };
const rules = new Intl.PluralRules('en', { type: 'ordinal' });
const ordinal = (count: number) => `${count}${endings[rules.select(count)] ?? 'th'}`;
