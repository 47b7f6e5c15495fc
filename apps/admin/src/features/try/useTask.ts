import type { Job } from '@slipway/contract/jobs';
import { CodedError, type Fault } from '@slipway/contract/problems';
import { useEffect, useRef, useState } from 'react';
import { service, submit } from '../../api.ts';
import { concernsJob, type Failure } from './failure.ts';
import type { Submission } from './forms/form.ts';
import type { Followed } from './job/followed.ts';
import { useJob } from './job/useJob.ts';
import type { Entry } from './useAddress.ts';

export interface TaskRun {
  /** True from the press of the button until the service has taken the job or refused it. */
  sending: boolean;
  /** True while the address names a job that nothing has been told of yet. */
  looking: boolean;
  canceling: boolean;
  followed: Followed | null;
  failure: Failure | null;
  send: (submission: Submission, faults?: Fault[]) => Promise<boolean>;
  cancel: () => void;
  /** Makes a new job of the one that is shown. */
  runAgain: () => void;
}

/** Hands in jobs of a task and follows the one that the address names. */
export function useTask({ task, jobId, sent }: Entry, onGo: (entry: Entry) => void): TaskRun {
  const { followed, failure: lost, begin, again } = useJob(jobId);
  const [sending, setSending] = useState(false);
  const [canceling, setCanceling] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const shown = useRef(false);
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
    };
  }, []);
  // what failed says nothing of another job
  useEffect(() => setFailure(null), [jobId]);

  /** Has a job made, and goes to it. */
  const handIn = async (make: () => Promise<Job>, itsSent: unknown, failed: Omit<Failure, 'error'>) => {
    if (sending) return false;
    setSending(true);
    setFailure(null);
    try {
      const job = await make();
      begin(job);
      // a person who has gone to another task meanwhile stays there
      if (shown.current) onGo({ task, jobId: job.id, sent: itsSent });
      return true;
    } catch (error) {
      setFailure({ ...failed, error });
      return false;
    } finally {
      setSending(false);
    }
  };

  const send = async (submission: Submission, faults: Fault[] = []): Promise<boolean> => {
    const failed = { during: 'sending', jobId: null, again: () => void send(submission) } as const;
    if (faults.length === 0)
      return handIn(() => submit(task, submission), submission.keep ? submission.input : undefined, failed);
    setFailure({ ...failed, error: new CodedError('invalid_input', 'Mend what is marked.', { faults }) });
    return false;
  };

  const runAgain = async (id: string) => {
    const failed = { during: 'retrying', jobId: id, again: () => void runAgain(id) } as const;
    await handIn(() => service().retry(id), sent, failed);
  };

  const cancel = async (id: string) => {
    setCanceling(id);
    setFailure(null);
    try {
      await service().cancel(id);
    } catch (error) {
      setFailure({ during: 'canceling', jobId: id, error, again: () => void cancel(id) });
      setCanceling(null);
    }
  };

  const failed = failure && concernsJob(failure, jobId) ? failure : null;
  return {
    sending,
    looking: jobId !== null && followed === null && lost === null,
    canceling: canceling !== null && canceling === jobId,
    followed,
    failure: failed ?? (lost === null ? null : { during: 'following', jobId, error: lost, again }),
    send,
    cancel: () => {
      if (jobId !== null) void cancel(jobId);
    },
    runAgain: () => {
      if (jobId !== null) void runAgain(jobId);
    },
  };
}
