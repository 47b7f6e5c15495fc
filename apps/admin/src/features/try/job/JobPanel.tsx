import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Facts } from '../../../ui/Facts.tsx';
import { Notice } from '../../../ui/Notice.tsx';
import type { Followed } from './followed.ts';
import { JobLog } from './JobLog.tsx';
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
  /** Sends the same again; undefined where it is not known. */
  onAgain: (() => void) | undefined;
}

/** What has become of the job. While a new one is on its way the old one is out of sight. */
export function JobPanel({ followed, instead, children, canceling, onCancel, onAgain }: JobPanelProps) {
  const view = followed && instead === null ? viewJob(followed) : null;
  return (
    <Stack gap="sm" component="section" aria-label="Job">
      {/* as high as the button, which comes and goes */}
      <Group gap="xs" mih={30}>
        {(view?.busy || instead) && <Loader size="xs" aria-hidden />}
        {/* always there, because a screen reader only tells changes of what it knows */}
        <Text role="status" fw={600} data-testid="state" data-state={view ? followed?.state : 'none'}>
          {instead ?? view?.state ?? ''}
        </Text>
        {view?.busy && (
          <Button size="xs" variant="default" ml="auto" onClick={onCancel} disabled={canceling}>
            {canceling ? 'Canceling' : 'Cancel'}
          </Button>
        )}
      </Group>
      {view?.progress && <JobProgress {...view.progress} />}
      {view && children}
      {view?.failure && <Notice title="There is no result" detail={view.failure} onAgain={onAgain} />}
      {view && followed && <JobLog lines={followed.lines} busy={view.busy} />}
      {view && <Facts facts={view.facts} />}
    </Stack>
  );
}
