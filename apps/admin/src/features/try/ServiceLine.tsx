import { Text } from '@mantine/core';
import classes from './ServiceLine.module.css';
import { useReadiness } from './useReadiness.ts';

/** Which engine answers now, and why. */
export function ServiceLine() {
  const view = useReadiness();
  return (
    <Text
      size="sm"
      c="dimmed"
      mt="xs"
      className={classes.line}
      data-testid="service"
      data-state={view?.state ?? 'asking'}
    >
      {view?.text ?? 'Asking the service how it is…'}
    </Text>
  );
}
