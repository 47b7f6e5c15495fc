import { Box, Text, VisuallyHidden } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { GrowingText } from '../outputs/GrowingText.tsx';
import type { Turn } from './conversation.ts';
import classes from './Messages.module.css';

/** How close to the end, in pixels, counts as at it. */
const nearPx = 40;

/** A conversation in a box of its own, so that what is below it stays where it is while an answer grows. */
export function Messages({ turns }: { turns: Turn[] }) {
  const box = useRef<HTMLElement>(null);
  const atEnd = useRef(true);

  useEffect(() => {
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [turns]);

  const last = turns.at(-1);
  return (
    <Box
      ref={box}
      component="section"
      className={classes.box}
      aria-label="Conversation"
      // a keyboard can scroll it
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < nearPx;
      }}
    >
      {turns.length === 0 && (
        <Text c="dimmed" m="auto">
          Nothing has been said yet.
        </Text>
      )}
      <ol className={classes.list}>
        {turns.map(({ role, content, growing }, index) => (
          <li key={index} className={classes.message} data-role={role} data-testid={`${role}-message`}>
            <VisuallyHidden>{role === 'user' ? 'You said:' : 'Answer:'}</VisuallyHidden>
            <GrowingText text={content} busy={growing} />
          </li>
        ))}
      </ol>
      {/* read out once, when it is whole */}
      <VisuallyHidden role="status">
        {last?.role === 'assistant' && !last.growing ? `Answer: ${last.content}` : ''}
      </VisuallyHidden>
    </Box>
  );
}
