import { List } from '@mantine/core';
import { Disclosure } from '../../../ui/Disclosure.tsx';
import { sentence } from '../../../ui/sentence.ts';

/** What the worker says of its work, for those who want to know. */
export function JobLog({ lines, busy }: { lines: string[]; busy: boolean }) {
  if (lines.length === 0) return null;
  return (
    <Disclosure label={busy ? 'What is being done' : 'What was done'}>
      <List size="sm" c="dimmed" data-testid="log">
        {lines.map((line, index) => (
          <List.Item key={index} style={{ overflowWrap: 'anywhere' }}>
            {sentence(line)}
          </List.Item>
        ))}
      </List>
    </Disclosure>
  );
}
