import { Button, Group, Kbd, Stack, Text } from '@mantine/core';
import type { TaskDefinition } from '@slipway/contract/task';
import { tasks } from '@slipway/contract/tasks';
import { type KeyboardEvent, useMemo } from 'react';
import { inWords } from '../../../ui/inWords.ts';
import { screenOf } from '../screens.ts';
import { faultsAt, filePointer } from './faults.ts';
import { collect } from './fieldValues.ts';
import type { FormProps } from './form.ts';
import { OptionsFields } from './OptionsFields.tsx';
import { SchemaFields } from './SchemaFields.tsx';
import { fieldExample, inputFields, optionFields } from './schemaFields.ts';
import { uploadFields } from './uploadFields.ts';

/** The form of any task, made from its schemas; a file may stand for the field that the task names. */
export function StandardForm({ task, draft, onDraft, faults, sending, onSend }: FormProps) {
  const definition: TaskDefinition = tasks[task];
  const inputs = useMemo(() => inputFields(definition), [definition]);
  const options = useMemo(() => optionFields(definition), [definition]);
  const { example, labels = {} } = screenOf(task);
  const { upload } = definition;
  const field = inputs.find(({ name }) => name === upload?.field);
  const others = inputs.filter((input) => input !== field);
  const Upload = upload && uploadFields[upload.kind];

  const send = () => {
    const input = draft.file ? { value: undefined, faults: [] } : collect(inputs, draft.input);
    const chosen = collect(options, draft.options);
    const found = [...input.faults, ...chosen.faults];
    if (upload?.kind === 'image' && !draft.file) found.push({ pointer: filePointer, message: 'choose an image first' });
    void onSend({ input: input.value, options: chosen.value, file: draft.file, keep: false }, found);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      noValidate
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Stack gap="sm">
        {Upload && field && (
          <Upload
            label={labels[field.name] ?? field.label}
            text={String(draft.input[field.name] ?? '')}
            onText={(text) => onDraft({ input: { ...draft.input, [field.name]: text } })}
            file={draft.file}
            onFile={(file) => onDraft({ file })}
            fault={faultsAt(faults, field.pointer, filePointer)}
            example={example ?? fieldExample(definition, field.name)}
          />
        )}
        {!draft.file && others.length > 0 && (
          <SchemaFields fields={others} values={draft.input} onValues={(input) => onDraft({ input })} faults={faults} />
        )}
        <Group gap="sm">
          <Button type="submit" size="md" loading={sending}>
            {inWords(task)}
          </Button>
          <Text size="sm" c="dimmed" visibleFrom="xs">
            or <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd>
          </Text>
        </Group>
        <OptionsFields
          fields={options}
          values={draft.options}
          onValues={(values) => onDraft({ options: values })}
          faults={faults}
        />
      </Stack>
    </form>
  );
}
