import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Facts } from '../../../ui/Facts.tsx';
import { Notice } from '../../../ui/Notice.tsx';
import type { Followed } from './followed.ts';
import { JobLog } from './JobLog.tsx';
import { JobOutlook } from './JobOutlook.tsx';
import { JobProgress } from './JobProgress.tsx';
import { viewJob } from './jobView.ts';

interface JobPanelProps {
  followed: Followed | null;
  /** Said in place of the job's state. */
  instead: string | null;
  /** The output, finished or not. */
  children: ReactNode;
  canceling: boolean;
  onCancel: () => void;
  /** Makes a new job of the same input. */
  onRunAgain: () => void;
}

/** What has become of the job. While a new one is on its way the old one is out of sight. */
export function JobPanel({ followed, instead, children, canceling, onCancel, onRunAgain }: JobPanelProps) {
  const view = followed && instead === null ? viewJob(followed) : null;
  // what was erased is gone for a new job too
  const mayRunAgain = view !== null && followed?.ended?.erasedAt === null;
  return (
    <Stack gap="sm" component="section" aria-label="Job">
      {/* as high as the button, which comes and goes */}
      <Group gap="xs" mih={30}>
        {(view?.busy || instead) && <Loader size="xs" aria-hidden />}
        {/* always there, because a screen reader only tells changes of what it knows */}
        <Text role="status" fw={600} data-testid="state" data-state={view ? followed?.state : 'none'}>
          {instead ?? view?.state ?? ''}
        </Text>
        {view?.busy && followed && <JobOutlook followed={followed} />}
        {view?.busy && (
          <Button size="xs" variant="default" ml="auto" onClick={onCancel} disabled={canceling}>
            {canceling ? 'Canceling' : 'Cancel'}
          </Button>
        )}
        {mayRunAgain && (
          <Button size="xs" variant="default" ml="auto" onClick={onRunAgain}>
            Run again
          </Button>
        )}
      </Group>
      {view?.progress && <JobProgress {...view.progress} />}
      {view && children}
      {view?.failure && <Notice title="There is no result" detail={view.failure} />}
      {view && followed && <JobLog lines={followed.lines} busy={view.busy} />}
      {view && <Facts facts={view.facts} />}
    </Stack>
  );
}
