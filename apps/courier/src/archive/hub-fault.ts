import { HubApiError } from '@huggingface/hub';
import { parseRetryAfter } from '../schedule.ts';

/** Why a call of the Hub failed, and so what is to be done. The message holds no address and no token. */
export class HubFault extends Error {
  override name = 'HubFault';
  /** The Hub's status; undefined where nothing came, or only a part. */
  readonly status: number | undefined;
  /** How long the Hub asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Waiting alone does not mend it: somebody has to change the token or the dataset. */
  readonly isRefusal: boolean;

  constructor(message: string, status?: number, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.isRefusal = status !== undefined && refusals.has(status);
  }
}

/** What the Hub says to a token that is none, or may not. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403]);

/** The library drops the headers of an answer that it makes an error of, so they come along. */
export function toHubFault(error: unknown, headers: Headers | undefined): HubFault {
  if (error instanceof HubFault) return error;
  if (error instanceof HubApiError)
    return new HubFault(`the Hub answered ${error.statusCode}`, error.statusCode, retryAfterMs(headers));
  if (error instanceof TypeError && /token/i.test(error.message))
    return new HubFault('HF_TOKEN must begin with hf_', 401);
  const { name, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  if (name === 'TimeoutError') return new HubFault('the Hub took too long');
  return new HubFault(`the Hub could not be reached (${cause?.code ?? name})`);
}

/** The longest that the Hub is left alone, in milliseconds, whatever it asks. */
const longestMs = 3_600_000;

/** `Retry-After`, or what is left of the window in `RateLimit: "api";r=0;t=55`; an hour at most. */
export function retryAfterMs(headers: Headers | undefined, nowMs = Date.now()): number | undefined {
  const [, seconds] = /;\s*r=0\s*;\s*t=(\d{1,6})/.exec(headers?.get('ratelimit') ?? '') ?? [];
  const left = seconds === undefined ? undefined : Number(seconds) * 1_000;
  const asked = parseRetryAfter(headers?.get('retry-after') ?? undefined, nowMs) ?? left;
  return asked === undefined ? undefined : Math.min(asked, longestMs);
}
