import { Input, Stack } from '@mantine/core';
import { useId } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './FileBox.module.css';
import { useFileDrop } from './useFileDrop.ts';

interface FileBoxProps {
  label: string;
  fault: string | null;
  onFile: (file: File) => void;
  children: ReactNode;
}

/** A box that takes a dropped file, labelled and marked as other fields are. */
export function FileBox({ label, fault, onFile, children }: FileBoxProps) {
  const id = useId();
  const { over, dropProps } = useFileDrop(onFile);
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      size="md"
      error={fault}
      labelProps={{ id }}
      errorProps={{ id: `${id}-fault` }}
    >
      <Stack
        className={classes.box}
        role="group"
        aria-labelledby={id}
        aria-describedby={fault ? `${id}-fault` : undefined}
        data-fault={fault !== null}
        data-over={over}
        align="center"
        justify="center"
        gap="xs"
        {...dropProps}
      >
        {children}
      </Stack>
    </Input.Wrapper>
  );
}
