import { Card, Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { CopyText } from '../../../ui/CopyText.tsx';

interface OutputCardProps {
  title: string;
  /** What the button copies; null while there is nothing finished to copy. */
  copy: string | null;
  children: ReactNode;
}

export function OutputCard({ title, copy, children }: OutputCardProps) {
  return (
    <Card withBorder padding="md">
      {/* as high as the button, which comes at the end */}
      <Group justify="space-between" mb="xs" mih={26}>
        <Title order={3} size="h4">
          {title}
        </Title>
        {copy !== null && <CopyText text={copy} />}
      </Group>
      {children}
    </Card>
  );
}
