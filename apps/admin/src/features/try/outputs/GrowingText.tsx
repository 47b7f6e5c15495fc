import { Text } from '@mantine/core';
import classes from './GrowingText.module.css';

interface GrowingTextProps {
  text: string;
  busy: boolean;
  testId?: string;
}

/** Text that grows while `busy`. It is no live region: a screen reader would read it out piece by piece. */
export function GrowingText({ text, busy, testId }: GrowingTextProps) {
  return (
    <Text component="div" className={classes.text} aria-busy={busy} data-busy={busy} data-testid={testId}>
      {text}
    </Text>
  );
}
