import { Card, Group, Text, Title } from '@mantine/core';
import { CopyText } from '../../ui/CopyText.tsx';
import classes from './SummaryCard.module.css';

export function SummaryCard({ summary }: { summary: string }) {
  return (
    <Card withBorder padding="md">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          Summary
        </Title>
        <CopyText text={summary} />
      </Group>
      <Text className={classes.summary} data-testid="summary">
        {summary}
      </Text>
    </Card>
  );
}
