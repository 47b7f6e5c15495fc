import { Stack } from '@mantine/core';
import { type TaskName, tasks } from '@slipway/contract/tasks';
import { type ComponentType, useEffect, useMemo, useRef, useState } from 'react';
import { Notice } from '../../ui/Notice.tsx';
import { viewError } from './errorView.ts';
import { concerns, filePointer } from './forms/faults.ts';
import type { Draft } from './forms/form.ts';
import { StandardForm } from './forms/StandardForm.tsx';
import { inputFields, optionFields } from './forms/schemaFields.ts';
import { JobPanel } from './job/JobPanel.tsx';
import { KeyForm } from './KeyForm.tsx';
import { JsonOutput } from './outputs/JsonOutput.tsx';
import type { OutputProps } from './outputs/output.ts';
import { screenOf } from './screens.ts';
import type { Entry } from './useAddress.ts';
import { useTask } from './useTask.ts';

interface TaskPanelProps {
  entry: Entry;
  draft: Draft;
  onDraft: (change: Partial<Draft>) => void;
  onGo: (entry: Entry) => void;
}

/** One task: its form, and what becomes of the job. */
export function TaskPanel({ entry, draft, onDraft, onGo }: TaskPanelProps) {
  const { task, sent } = entry;
  const run = useTask(entry, onGo);
  const { failure, followed } = run;
  const panel = useRef<HTMLDivElement>(null);
  // pointers whose faults were mended since they were told
  const [mended, setMended] = useState<string[]>([]);
  const fields = useMemo(() => pointersOf(task), [task]);
  const error = useMemo(() => failure && viewError(failure.error, fields), [failure, fields]);
  const faults = useMemo(
    () => error?.faults.filter((fault) => !mended.some((pointer) => concerns(fault, pointer))) ?? [],
    [error, mended],
  );

  useEffect(() => {
    setMended([]);
    if (error) focusFirstFault(panel.current);
  }, [error]);

  const { Form = StandardForm, Output = JsonOutput } = screenOf(task);
  // each view is written for its own task's output, and the job is one of this task
  const View = Output as ComponentType<OutputProps> | null;
  const change = (part: Partial<Draft>) => {
    onDraft(part);
    setMended((before) => [...before, ...changedPointers(draft, part)]);
  };
  // a job that can't be followed, or that ended badly before the new failure, would be old news beside it
  const isOld = failure?.during === 'following' || (failure?.during === 'sending' && followed?.ended);
  const shown = isOld && followed?.state !== 'succeeded' ? null : followed;

  return (
    <Stack gap="lg" ref={panel}>
      <Form
        task={task}
        draft={draft}
        onDraft={change}
        faults={faults}
        sending={run.sending}
        onSend={run.send}
        followed={followed}
        sent={sent}
        onNew={() => onGo({ task, jobId: null, sent: undefined })}
      />
      {error?.asksForKey && failure ? (
        <KeyForm detail={error.notice?.detail ?? ''} onKey={failure.again} />
      ) : (
        error?.notice && <Notice {...error.notice} onAgain={error.mayRetry ? failure?.again : undefined} />
      )}
      <JobPanel
        followed={shown}
        instead={run.sending ? 'Sending' : run.looking ? 'Looking for the job' : null}
        canceling={run.canceling}
        onCancel={run.cancel}
        onRunAgain={run.runAgain}
      >
        {View && shown && (
          <View
            output={shown.ended?.output}
            text={shown.text}
            busy={shown.state === 'queued' || shown.state === 'running'}
          />
        )}
      </JobPanel>
    </Stack>
  );
}

const pointersOf = (task: TaskName) => [
  filePointer,
  ...[...inputFields(tasks[task]), ...optionFields(tasks[task])].map(({ pointer }) => pointer),
];

/** Another input is a new one as a whole; options stand each for itself. */
function changedPointers(draft: Draft, { input, options, file }: Partial<Draft>): string[] {
  const names = Object.keys(options ?? {}).filter((name) => options?.[name] !== draft.options[name]);
  return [...(input || file !== undefined ? ['/input', filePointer] : []), ...names.map((name) => `/options/${name}`)];
}

function focusFirstFault(panel: HTMLElement | null): void {
  // options that were closed have opened by then
  requestAnimationFrame(() =>
    panel?.querySelector<HTMLElement>('[aria-invalid="true"], [data-fault="true"] button')?.focus(),
  );
}
