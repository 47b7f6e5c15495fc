import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { tasks } from '@slipway/contract/tasks';
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';
import { faultsAt } from '../forms/faults.ts';
import { collect } from '../forms/fieldValues.ts';
import type { FormProps } from '../forms/form.ts';
import { OptionsFields } from '../forms/OptionsFields.tsx';
import { optionFields } from '../forms/schemaFields.ts';
import { nextMessages, refused, sentMessages, turnsOf, wasCut } from './conversation.ts';
import { Messages } from './Messages.tsx';

const messagesPointer = '/input/messages';

/** A conversation: each turn is a job that is sent with everything said before. */
export function ChatForm({ task, draft, onDraft, faults, sending, onSend, followed, sent, onNew }: FormProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  const newest = useRef(draft);
  useEffect(() => {
    newest.current = draft;
  });
  // a message that was refused, put back and then taken after all is no draft any more
  useEffect(() => {
    const { input } = newest.current;
    if (input.text && input.text === sentMessages(sent).at(-1)?.content) onDraft({ input: { ...input, text: '' } });
  }, [sent]);
  const options = useMemo(() => optionFields(tasks[task]), [task]);
  const turns = useMemo(() => turnsOf(sent, followed), [sent, followed]);
  const text = String(draft.input.text ?? '');
  const system = String(draft.input.system ?? '');
  const busy = sending || turns.at(-1)?.growing === true;

  const send = async () => {
    if (busy) return;
    const chosen = collect(options, draft.options);
    const found = [...chosen.faults];
    if (text.trim() === '') found.push({ pointer: messagesPointer, message: 'write a message first' });
    const input = { messages: nextMessages(turns, system, text) };
    // gone at once, so that what is typed while it is sent is the next message
    if (found.length === 0) onDraft({ input: { system } });
    const isTaken = await onSend({ input, options: chosen.value, file: null, keep: true }, found);
    if (!isTaken && found.length === 0) onDraft({ input: refused(text, newest.current.input) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // an Enter that ends a composed character is part of the text
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
        box.current?.focus();
      }}
    >
      <Stack gap="sm">
        <Messages turns={turns} />
        {wasCut(followed) && (
          <Text size="sm" c="dimmed">
            The answer was cut at its limit. Raise the max tokens under Options for longer ones.
          </Text>
        )}
        <Textarea
          ref={box}
          label="Message"
          description="Enter sends, Shift and Enter begins a new line."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          size="md"
          autosize
          minRows={2}
          maxRows={8}
          value={text}
          onChange={(event) => onDraft({ input: { text: event.currentTarget.value, system } })}
          onKeyDown={onKeyDown}
          error={faultsAt(faults, messagesPointer)}
        />
        <Group gap="sm">
          <Button type="submit" size="md" loading={sending} disabled={busy && !sending}>
            Send
          </Button>
          <Button variant="default" size="md" onClick={onNew} disabled={turns.length === 0}>
            New conversation
          </Button>
        </Group>
        <OptionsFields
          fields={options}
          values={draft.options}
          onValues={(values) => onDraft({ options: values })}
          faults={faults}
        >
          <Textarea
            label="System message"
            description="How to answer; sent before the conversation."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            size="md"
            autosize
            minRows={2}
            maxRows={8}
            value={system}
            onChange={(event) => onDraft({ input: { text, system: event.currentTarget.value } })}
          />
        </OptionsFields>
      </Stack>
    </form>
  );
}
