import type { Job } from '@slipway/contract/jobs';
import { useEffect, useState } from 'react';
import { service } from '../../../api.ts';
import { type Followed, hear, see, taken, unheard } from './followed.ts';

/** Pause between two looks at the job, in milliseconds. */
const lookEveryMs = 5_000;

export interface FollowedJob {
  /** Null before anything has been told of the job. */
  followed: Followed | null;
  /** Why the job can't be followed; null while it can. */
  failure: unknown;
  /** Shows a job that was just taken before anything else has been told of it. */
  begin: (job: Job) => void;
  /** Follows the job again after a failure. */
  again: () => void;
}

/** Follows a job from its first event to its end. */
export function useJob(id: string | null): FollowedJob {
  const [known, setKnown] = useState<Followed | null>(null);
  const [failed, setFailed] = useState<{ id: string; error: unknown } | null>(null);
  const [round, setRound] = useState(0);

  // `round` is not read: a new one follows the same job again
  useEffect(() => {
    setFailed(null);
    if (id === null) return;
    const stop = new AbortController();
    void follow(id, stop.signal, setKnown).catch((error: unknown) => {
      if (!stop.signal.aborted) setFailed({ id, error });
    });
    return () => stop.abort();
  }, [id, round]);

  return {
    // what was told before the address changed is about another job
    followed: known?.id === id ? known : null,
    failure: failed?.id === id ? failed.error : null,
    begin: (job) => setKnown(taken(job)),
    again: () => setRound((count) => count + 1),
  };
}

/**
 * The stream tells everything from the beginning, so nothing known before is kept but for the first moment; looks beside it
 * tell the estimate, and the rest where nothing was heard since the last look. It fails only where both do.
 */
async function follow(id: string, signal: AbortSignal, tell: (known: Followed) => void): Promise<void> {
  let known = unheard(id);
  let isSilent = true;
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const learn = (next: Followed) => {
    either.throwIfAborted();
    known = next;
    tell(known);
  };

  async function listen(): Promise<void> {
    for await (const event of service().stream(id, { signal: either })) {
      isSilent = false;
      learn(hear(known, event));
    }
  }
  async function look(): Promise<void> {
    while (!known.ended) {
      const job = await service().get(id, { signal: either });
      learn(see(known, job, isSilent));
      isSilent = true; // until the next event
      if (!known.ended) await pause(lookEveryMs, either);
    }
  }

  try {
    await Promise.any([listen(), look()]);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    over.abort();
  }
}

/** Ends early with the signal. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      window.clearTimeout(timer);
      resolve();
    });
  });
}
