import { createHash } from 'node:crypto';
import type { Job } from '@slipway/contract/jobs';

/** A weak tag: the estimate moves with the clock, and does not make another state of it. */
export function etagOf({ estimate: _estimate, ...job }: Job): string {
  return `W/"${createHash('sha1').update(JSON.stringify(job)).digest('base64url')}"`;
}

/** Whether an `If-None-Match` names the tag (RFC 9110 section 13.1.2). */
export function isNamed(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const bare = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => bare(tag) === bare(etag));
}
