import { Box, Group, Progress, Stack, Text } from '@mantine/core';
import { OutputCard } from './OutputCard.tsx';
import type { OutputProps } from './output.ts';
import { percentage } from './percentage.ts';

/** Classes as bars, the most probable first. */
export function LabelsOutput({ output }: OutputProps<'classify-text' | 'classify-image'>) {
  if (!output) return null;
  return (
    <OutputCard title="Labels" copy={JSON.stringify(output.labels, null, 2)}>
      <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }} data-testid="labels">
        {output.labels.map(({ label, score }) => (
          <Box component="li" key={label}>
            <Group justify="space-between" gap="sm" mb={4} wrap="nowrap" align="baseline">
              <Text style={{ overflowWrap: 'anywhere' }}>{label}</Text>
              <Text c="dimmed" size="sm" style={{ whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }}>
                {percentage(score)}
              </Text>
            </Group>
            {/* the number says it already */}
            <Progress value={score * 100} size="lg" aria-hidden />
          </Box>
        ))}
      </Stack>
    </OutputCard>
  );
}
