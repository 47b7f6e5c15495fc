import { CodedError, type Fault } from '@slipway/contract/problems';
import type { TaskName } from '@slipway/contract/tasks';
import { useEffect, useRef, useState } from 'react';
import { client, submit } from '../../api.ts';
import type { Submission } from './forms/form.ts';
import type { Followed } from './job/followed.ts';
import { useJob } from './job/useJob.ts';
import type { Entry } from './useAddress.ts';

export interface Failure {
  during: 'sending' | 'following' | 'canceling';
  error: unknown;
}

export interface TaskRun {
  /** True from the press of the button until the service has taken the job or refused it. */
  sending: boolean;
  /** True while the address names a job that nothing has been told of yet. */
  looking: boolean;
  canceling: boolean;
  followed: Followed | null;
  failure: Failure | null;
  send: (submission: Submission, faults?: Fault[]) => Promise<boolean>;
  /** Sends the last one again; undefined where it is not known. */
  sendAgain: (() => void) | undefined;
  followAgain: () => void;
  cancel: () => void;
}

/** Hands in jobs of a task and follows the one that the address names. */
export function useTask(task: TaskName, jobId: string | null, onGo: (entry: Entry) => void): TaskRun {
  const { followed, failure: lost, begin, again } = useJob(jobId);
  const [sending, setSending] = useState(false);
  const [canceling, setCanceling] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [last, setLast] = useState<Submission | null>(null);
  const shown = useRef(false);
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
    };
  }, []);
  // what failed says nothing of another job
  useEffect(() => setFailure(null), [jobId]);

  const send = async (submission: Submission, faults: Fault[] = []) => {
    if (sending) return false;
    if (faults.length > 0) {
      setFailure({ during: 'sending', error: new CodedError('invalid_input', 'Mend what is marked.', { faults }) });
      return false;
    }
    setSending(true);
    setFailure(null);
    setLast(submission);
    try {
      const job = await submit(task, submission);
      begin(job);
      // a person who has gone to another task meanwhile stays there
      if (shown.current) onGo({ task, jobId: job.id, sent: submission.keep ? submission.input : undefined });
      return true;
    } catch (error) {
      setFailure({ during: 'sending', error });
      return false;
    } finally {
      setSending(false);
    }
  };

  const cancel = async (id: string) => {
    setCanceling(id);
    try {
      await client.cancel(id);
    } catch (error) {
      setFailure({ during: 'canceling', error });
      setCanceling(null);
    }
  };

  return {
    sending,
    looking: jobId !== null && followed === null && lost === null,
    canceling: canceling !== null && canceling === jobId,
    followed,
    failure: failure ?? (lost === null ? null : { during: 'following', error: lost }),
    send,
    sendAgain: last ? () => void send(last) : undefined,
    followAgain: again,
    cancel: () => {
      if (jobId !== null) void cancel(jobId);
    },
  };
}
