import { Alert, Button, List, Stack, Text } from '@mantine/core';

interface NoticeProps {
  title: string;
  detail: string;
  points?: string[];
  /** Given where trying again may help. */
  onAgain?: (() => void) | undefined;
}

/** Something went wrong: what, and what can be done. */
export function Notice({ title, detail, points = [], onAgain }: NoticeProps) {
  return (
    <Alert color="red" title={title}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{detail}</Text>
        {points.length > 0 && (
          <List size="sm">
            {points.map((point) => (
              <List.Item key={point}>{point}</List.Item>
            ))}
          </List>
        )}
        {onAgain && (
          <Button size="xs" variant="default" onClick={onAgain}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
