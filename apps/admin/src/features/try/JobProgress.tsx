import { Box, Group, Progress, Text } from '@mantine/core';

/** How far a running job is; `percent` is 0..100. */
export function JobProgress({ percent, message }: { percent: number; message: string }) {
  return (
    <Box data-testid="progress">
      <Progress value={percent} aria-label="Progress" size="lg" transitionDuration={200} />
      <Group justify="space-between" gap="sm" mt={4} wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed">
          {message}
        </Text>
        <Text size="sm" c="dimmed">
          {percent} %
        </Text>
      </Group>
    </Box>
  );
}
