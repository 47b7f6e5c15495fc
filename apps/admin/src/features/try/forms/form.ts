import type { Fault } from '@slipway/contract/problems';
import type { TaskName } from '@slipway/contract/tasks';
import type { ComponentType } from 'react';
import type { Followed } from '../job/followed.ts';
import type { Values } from './fieldValues.ts';

/** What a person has put into a task's form and not sent yet. */
export interface Draft {
  input: Values;
  options: Values;
  /** Stands for the field that the task's `upload` names. A browser keeps no file over a reload. */
  file: File | null;
}

/** What goes to the service. */
export interface Submission {
  input: unknown;
  options: unknown;
  /** Sent in place of the input. */
  file: File | null;
  /** True where the form wants the input back beside the job. */
  keep: boolean;
}

export interface FormProps {
  task: TaskName;
  draft: Draft;
  onDraft: (change: Partial<Draft>) => void;
  /** What is wrong with what was sent, and a button's press tells again: each time another list. */
  faults: Fault[];
  sending: boolean;
  /** Resolves to true when the service has taken it. Faults that the form finds itself are told instead of sent. */
  onSend: (submission: Submission, faults: Fault[]) => Promise<boolean>;
  /** The job shown now, and its input where that was kept. */
  followed: Followed | null;
  sent: unknown;
  /** Leaves the job. */
  onNew: () => void;
}

/** Takes a task's input. */
export type TaskForm = ComponentType<FormProps>;
