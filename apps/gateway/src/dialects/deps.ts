import { CodedError } from '@slipway/contract/problems';
import type { RateLimiter } from '@slipway/queue/rate-limit';
import type { Log } from '@slipway/runtime/log';
import type { MiddlewareHandler } from 'hono';
import { every } from 'hono/combine';
import { limitReads } from '../access/limits.ts';
import type { AppEnv } from '../caller.ts';
import type { Desk } from '../desk.ts';
import type { UploadedFile } from '../form.ts';
import { limitBody } from '../middleware/body-limit.ts';
import type { Submission, TaskModels } from '../submission.ts';

export interface DialectDeps {
  desk: Pick<Desk, 'submit' | 'get' | 'untilEnd' | 'follow' | 'cancel'>;
  /**
   * `checkSubmission` of ../submission.ts: takes the native envelope; where there is a file, its `input` is null. The
   * signal is that of the request.
   */
  check: (value: unknown, file: UploadedFile | undefined, signal: AbortSignal) => Promise<Submission>;
  /** Used here and not around these routes, so that its errors come in the shape of each dialect. */
  access: MiddlewareHandler<AppEnv>;
  limiters: { submissions: RateLimiter; reads: RateLimiter };
  models: TaskModels;
  /** Signs the addresses of streams; the same in all gateway processes. */
  streamSecret: Uint8Array;
  maxBodyBytes: number;
  /** Longest that a request waits for its job, in milliseconds. */
  patienceMs: number;
  /** Aborted when the gateway stops. */
  stopping: AbortSignal;
  log: Log;
}

/** What stands before every route that asks for a key. */
export function guard({ access, limiters, maxBodyBytes }: DialectDeps): MiddlewareHandler<AppEnv> {
  const onError = () => {
    throw new CodedError('body_too_large', `The body may have at most ${maxBodyBytes} bytes.`);
  };
  return every(access, limitReads(limiters.reads), limitBody(maxBodyBytes, onError));
}
