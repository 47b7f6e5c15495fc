import { Anchor, Button, Group, Kbd, NativeSelect, Stack, Text, Textarea } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { flushSync } from 'react-dom';
import { exampleText } from './example.ts';
import { MoreOptions } from './MoreOptions.tsx';
import { TextCount } from './TextCount.tsx';
import type { SummaryOptions } from './useSummary.ts';

interface TextFormProps {
  text: string;
  onText: (text: string) => void;
  options: SummaryOptions;
  onOptions: (options: SummaryOptions) => void;
  /** What is wrong with the text. */
  fault: string | null;
  sending: boolean;
  onSubmit: () => void;
}

const lengths = [
  { value: 'short', label: 'Short' },
  { value: 'medium', label: 'Medium' },
  { value: 'long', label: 'Long' },
] satisfies { value: SummaryOptions['length']; label: string }[];

export function TextForm({ text, onText, options, onOptions, fault, sending, onSubmit }: TextFormProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (fault) field.current?.focus();
  }, [fault]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onSubmit();
  };

  const insertExample = () => {
    // at once, so that the field holds the text when the cursor goes to its start
    flushSync(() => onText(exampleText));
    field.current?.setSelectionRange(0, 0);
    field.current?.focus();
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <Stack gap="sm">
        <Textarea
          ref={field}
          label="Text to summarize"
          size="md"
          rows={10}
          resize="vertical"
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          error={fault}
        />
        <Group justify="space-between" gap="xs">
          <TextCount text={text} />
          {text === '' && (
            <Anchor component="button" type="button" size="sm" onClick={insertExample}>
              Insert an example
            </Anchor>
          )}
        </Group>
        <Group align="flex-end" gap="sm">
          <NativeSelect
            label="Length"
            size="md"
            data={lengths}
            value={options.length}
            onChange={(event) => {
              const length = lengths.find(({ value }) => value === event.currentTarget.value)?.value;
              onOptions({ ...options, length });
            }}
          />
          <Button type="submit" size="md" loading={sending}>
            Summarize
          </Button>
          <Text size="sm" c="dimmed" visibleFrom="xs" pb={10}>
            or <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd>
          </Text>
        </Group>
        <MoreOptions options={options} onOptions={onOptions} />
      </Stack>
    </form>
  );
}
