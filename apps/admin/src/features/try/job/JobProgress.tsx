import { Box, Group, Progress, Text } from '@mantine/core';

/** How far a job is; `percent` is 0..100, or null while it waits for something. */
export function JobProgress({ percent, message }: { percent: number | null; message: string }) {
  return (
    <Box data-testid="progress">
      {percent !== null && <Progress value={percent} aria-label="Progress" size="lg" transitionDuration={200} />}
      <Group justify="space-between" gap="sm" mt={4} wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed">
          {message}
        </Text>
        {percent !== null && (
          <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {percent} %
          </Text>
        )}
      </Group>
    </Box>
  );
}
