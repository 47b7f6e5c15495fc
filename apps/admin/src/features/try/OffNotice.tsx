import { Alert, Text } from '@mantine/core';

/** In place of the form of a task that this instance does not do. */
export function OffNotice() {
  return (
    <Alert color="gray" title="Turned off on this instance" data-testid="off">
      <Text size="sm">
        No model is set for this task, so nothing here can do it. Whoever runs the instance can set one and start it
        again.
      </Text>
    </Alert>
  );
}
