import type { TaskOptionsGiven } from '@slipway/contract/tasks';
import { useEffect, useState } from 'react';
import { client } from '../../api.ts';
import type { SummaryJob } from './jobView.ts';
import { setJobId, useJobId } from './useJobId.ts';

export type SummaryOptions = TaskOptionsGiven<'summarize'>;

export interface Summary {
  /** True from the press of the button until the service has taken the job or refused it. */
  sending: boolean;
  /** True while the address names a job that has not been seen yet. */
  looking: boolean;
  job: SummaryJob | null;
  /** What went wrong while a text was sent or a job was followed. */
  failure: { during: 'sending' | 'following'; error: unknown } | null;
  submit: (text: string, options: SummaryOptions) => Promise<void>;
  /** Follows the job again after a failure. */
  followAgain: () => void;
  forgetFailure: () => void;
}

/** Hands in a text and follows the job that the address names. */
export function useSummary(): Summary {
  const id = useJobId();
  const [sending, setSending] = useState(false);
  const [seen, setSeen] = useState<SummaryJob | null>(null);
  const [failure, setFailure] = useState<Summary['failure']>(null);
  const [round, setRound] = useState(0);

  // `round` is not read: a new one follows the same job again
  useEffect(() => {
    setFailure(null);
    if (id === null) return;
    const stop = new AbortController();
    client.wait<'summarize'>(id, { signal: stop.signal, onUpdate: setSeen }).catch((error: unknown) => {
      if (!stop.signal.aborted) setFailure({ during: 'following', error });
    });
    return () => stop.abort();
  }, [id, round]);

  const submit = async (text: string, options: SummaryOptions) => {
    setSending(true);
    setFailure(null);
    try {
      const taken = await client.submit('summarize', { text }, options);
      setSeen(taken);
      setJobId(taken.id);
    } catch (error) {
      setFailure({ during: 'sending', error });
    }
    setSending(false);
  };

  // a job seen before the address changed is another one
  const job = seen?.id === id ? seen : null;
  const looking = id !== null && job === null && failure === null;
  return {
    sending,
    looking,
    job,
    failure,
    submit,
    followAgain: () => setRound((count) => count + 1),
    forgetFailure: () => setFailure(null),
  };
}
