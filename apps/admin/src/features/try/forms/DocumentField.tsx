import { Anchor, Box, Button, FileButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { useRef } from 'react';
import { flushSync } from 'react-dom';
import { ChosenFile } from './ChosenFile.tsx';
import classes from './FileBox.module.css';
import { FileBox } from './FileBox.tsx';
import { TextCount } from './TextCount.tsx';
import type { UploadFieldProps } from './uploadFields.ts';
import { useFileDrop } from './useFileDrop.ts';

const kinds = '.txt,.md,.html,.htm,.pdf,.docx';

/** A text, or a document that holds it. */
export function DocumentField({ label, text, onText, file, onFile, fault, example }: UploadFieldProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const { over, dropProps } = useFileDrop(onFile);

  const insert = (sample: string) => {
    // at once, so that the field holds the text when the cursor goes to its start
    flushSync(() => onText(sample));
    field.current?.setSelectionRange(0, 0);
    field.current?.focus();
  };

  if (file)
    return (
      <Stack gap="xs">
        <FileBox label={label} fault={fault} onFile={onFile}>
          <ChosenFile file={file} kinds={kinds} onFile={onFile} />
        </FileBox>
        <Text size="sm" c="dimmed" mih="3.5rem">
          The file is sent in place of the text.
        </Text>
      </Stack>
    );
  return (
    <Stack gap="xs">
      <Box className={classes.text} data-over={over} {...dropProps}>
        <Textarea
          ref={field}
          label={label}
          size="md"
          rows={9}
          resize="vertical"
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          error={fault}
        />
      </Box>
      <Group justify="space-between" gap="xs">
        <TextCount text={text} />
        {example && text === '' && (
          <Anchor component="button" type="button" size="sm" onClick={() => insert(example)}>
            Insert an example
          </Anchor>
        )}
      </Group>
      <Group gap="xs">
        <FileButton onChange={(chosen) => chosen && onFile(chosen)} accept={kinds}>
          {(props) => (
            <Button {...props} variant="default" size="compact-sm">
              Choose a file
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed">
          or drop one: txt, md, html, pdf, docx
        </Text>
      </Group>
    </Stack>
  );
}
