import { Box } from '@mantine/core';
import { GrowingText } from './GrowingText.tsx';
import classes from './JsonOutput.module.css';
import { OutputCard } from './OutputCard.tsx';
import type { OutputProps } from './output.ts';

/** For a task without a view of its own: its text while it grows, then its output as JSON. */
export function JsonOutput({ output, text, busy }: OutputProps) {
  if (output === undefined && text === '') return null;
  const json = output === undefined ? null : JSON.stringify(output, null, 2);
  return (
    <OutputCard title="Output" copy={json}>
      {json === null ? (
        <GrowingText text={text} busy={busy} testId="text" />
      ) : (
        // a keyboard can scroll it sideways
        <Box component="pre" tabIndex={0} className={classes.json} data-testid="output">
          {json}
        </Box>
      )}
    </OutputCard>
  );
}
