import { Text } from '@mantine/core';
import type { ReadinessView } from './readinessView.ts';
import classes from './ServiceLine.module.css';

/** Which engine answers now, and why. */
export function ServiceLine({ state, text }: ReadinessView) {
  return (
    <Text size="sm" c="dimmed" className={classes.line} data-testid="service" data-state={state}>
      {text}
    </Text>
  );
}
