import type { Job } from '@slipway/contract/jobs';
import { useEffect, useState } from 'react';
import { client } from '../../../api.ts';
import { type Followed, hear, taken, unheard } from './followed.ts';

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

/** The stream tells everything from the beginning, so nothing known before is kept but for the first moment. */
async function follow(id: string, signal: AbortSignal, tell: (known: Followed) => void): Promise<void> {
  let known = unheard(id);
  for await (const event of client.stream(id, { signal })) {
    if (signal.aborted) return;
    known = hear(known, event);
    tell(known);
  }
}
