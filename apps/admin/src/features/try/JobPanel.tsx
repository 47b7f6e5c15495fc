import { Group, Loader, Stack, Text } from '@mantine/core';
import { Facts } from '../../ui/Facts.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { JobProgress } from './JobProgress.tsx';
import { type SummaryJob, viewJob } from './jobView.ts';
import { SummaryCard } from './SummaryCard.tsx';

interface JobPanelProps {
  job: SummaryJob | null;
  sending: boolean;
  looking: boolean;
  /** Sends the text again; undefined where there is none. */
  onAgain: (() => void) | undefined;
}

/** What has become of the job. While a new text is on its way the old job is out of sight. */
export function JobPanel({ job, sending, looking, onAgain }: JobPanelProps) {
  const view = job && !sending ? viewJob(job) : null;
  const state = sending ? 'Sending the text' : looking ? 'Looking for the job' : (view?.state ?? '');
  const busy = sending || looking || job?.state === 'queued';
  return (
    <Stack gap="sm">
      <Group gap="xs">
        {busy && <Loader size="xs" aria-hidden />}
        {/* always there, because a screen reader only tells changes of what it knows */}
        <Text role="status" fw={600} data-testid="state" data-state={sending ? 'sending' : (job?.state ?? 'none')}>
          {state}
        </Text>
      </Group>
      {view?.progress && <JobProgress {...view.progress} />}
      {view?.summary && <SummaryCard summary={view.summary} />}
      {view?.failure && <Notice title="There is no summary" detail={view.failure} onAgain={onAgain} />}
      {view && <Facts facts={view.facts} />}
    </Stack>
  );
}
