import { Anchor, Box } from '@mantine/core';
import { useId } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';

interface DisclosureProps {
  label: string;
  /** Opens it when it becomes true: something inside needs a look. It can be closed again. */
  needed?: boolean;
  children: ReactNode;
}

/** What few people need, behind a button. */
export function Disclosure({ label, needed = false, children }: DisclosureProps) {
  const [expanded, setExpanded] = useState(needed);
  const [wasNeeded, setWasNeeded] = useState(needed);
  const id = useId();
  // at once and not by an effect, so that what needs a look can take the focus
  if (needed !== wasNeeded) {
    setWasNeeded(needed);
    if (needed) setExpanded(true);
  }
  return (
    <Box>
      <Anchor
        component="button"
        type="button"
        size="sm"
        onClick={() => setExpanded(!expanded)}
        aria-expanded={expanded}
        aria-controls={id}
      >
        {label}
      </Anchor>
      <Box id={id} hidden={!expanded} pt="xs">
        {children}
      </Box>
    </Box>
  );
}
