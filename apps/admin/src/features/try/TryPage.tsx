import { Container, Stack, Text, Title } from '@mantine/core';
import { type TaskName, tasks } from '@slipway/contract/tasks';
import { useEffect, useRef } from 'react';
import { OffNotice } from './OffNotice.tsx';
import { isOff, viewReadiness } from './readinessView.ts';
import { ServiceLine } from './ServiceLine.tsx';
import { TaskLinks } from './TaskLinks.tsx';
import { TaskPanel } from './TaskPanel.tsx';
import { type Entry, goTo, useAddress } from './useAddress.ts';
import { useDrafts } from './useDrafts.ts';
import { useReadiness } from './useReadiness.ts';

/** The page where a person tries the service: a task, what it needs, and what comes back. */
export function TryPage() {
  const entry = useAddress();
  const { task } = entry;
  const readiness = useReadiness(entry.jobId);
  const [drafts, changeDraft] = useDrafts();
  const left = useRef<Partial<Record<TaskName, Entry>>>({});
  useEffect(() => {
    left.current[entry.task] = entry;
  });

  return (
    <Container component="main" size="sm" py={{ base: 'md', sm: 'xl' }}>
      <Stack gap="lg">
        <header>
          <Title order={1}>Slipway</Title>
          <Text c="dimmed">Choose a task, hand in a job and see what comes back.</Text>
        </header>
        <TaskLinks
          current={task}
          isOff={(name) => isOff(readiness, name)}
          entryOf={(name) => left.current[name] ?? { task: name, jobId: null, sent: undefined }}
          onGo={goTo}
        />
        <div>
          <Title order={2} size="md">
            {tasks[task].title}
          </Title>
          <ServiceLine {...viewReadiness(readiness, task)} />
        </div>
        {isOff(readiness, task) ? (
          <OffNotice />
        ) : (
          // a task's panel begins anew: what was being sent or has failed is no other task's business
          <TaskPanel
            key={task}
            entry={entry}
            draft={drafts[task]}
            onDraft={(change) => changeDraft(task, change)}
            onGo={goTo}
          />
        )}
      </Stack>
    </Container>
  );
}
