import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Followed } from './followed.ts';
import { outlook } from './outlook.ts';

/** Counts down. It is no live region: a screen reader would tell every second of it. */
export function JobOutlook({ followed }: { followed: Followed }) {
  const now = useNow();
  const told = outlook(followed, now);
  if (told === null) return null;
  return (
    <Text size="sm" c="dimmed" data-testid="outlook">
      {told}
    </Text>
  );
}

/** The time in milliseconds since 1970, anew each second. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
