import { jobsPath } from '@slipway/contract/http';
import type { ListQuery as WireQuery } from '@slipway/contract/job-list';
import { isoTime } from './submission.ts';

/** Which jobs to list; all of it may be left out. */
export type ListQuery = {
  [K in keyof WireQuery]?: (K extends 'from' | 'to' ? Date | string : WireQuery[K]) | undefined;
};

/** The path of one page. */
export function listPath(query: ListQuery): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, from: isoTime(query.from), to: isoTime(query.to) }))
    if (value !== undefined) asked.set(name, String(value));
  return asked.size === 0 ? jobsPath : `${jobsPath}?${asked}`;
}
