import { Text } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';

/** Characters (UTF-16 code units, as the service counts them) and words; deferred, so that long texts stay quick to type. */
export function TextCount({ text }: { text: string }) {
  const counted = useDeferredValue(text);
  const words = useMemo(() => counted.match(/\S+/g)?.length ?? 0, [counted]);
  return (
    <Text size="sm" c="dimmed">
      {amount(counted.length, 'character')}, {amount(words, 'word')}
    </Text>
  );
}

const amount = (count: number, unit: string) => `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`;
