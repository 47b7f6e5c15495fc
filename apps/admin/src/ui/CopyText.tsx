import { Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';

/** A button that copies `text`. Browsers refuse that on a plain http address, which it then says. */
export function CopyText({ text }: { text: string }) {
  const { copy, copied, error } = useClipboard();
  const label = copied ? 'Copied' : error ? "Can't copy here" : 'Copy';
  return (
    <Button variant="default" size="compact-sm" onClick={() => copy(text)} aria-live="polite">
      {label}
    </Button>
  );
}
