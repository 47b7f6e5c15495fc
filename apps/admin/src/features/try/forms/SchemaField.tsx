import { NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import type { Fault } from '@slipway/contract/problems';
import { InlineCode } from '../../../ui/InlineCode.tsx';
import { inWords } from '../../../ui/inWords.ts';
import { faultsAt } from './faults.ts';
import { shownValue, type Values } from './fieldValues.ts';
import type { Field } from './schemaFields.ts';

interface SchemaFieldProps {
  field: Field;
  values: Values;
  onValue: (value: string | boolean) => void;
  faults: Fault[];
}

const order: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];
const wide = { gridColumn: '1 / -1' };

/** The control that fits a field. */
export function SchemaField({ field, values, onValue, faults }: SchemaFieldProps) {
  const value = shownValue(field, values);
  const hint = describe(field);
  const common = {
    label: field.label,
    description: hint && <InlineCode text={hint} />,
    error: faultsAt(faults, field.pointer),
    size: 'md',
    required: field.required,
    withAsterisk: false,
  };
  const wrapped = { ...common, inputWrapperOrder: order };
  switch (field.kind) {
    case 'choice':
      return (
        <NativeSelect
          {...wrapped}
          data={choicesOf(field)}
          value={String(value)}
          onChange={(event) => onValue(event.currentTarget.value)}
        />
      );
    case 'number':
      return (
        <TextInput
          {...wrapped}
          type="number"
          min={field.min}
          max={field.max}
          step={field.whole ? 1 : 0.1}
          placeholder={placeholderOf(field)}
          value={String(value)}
          onChange={(event) => onValue(event.currentTarget.value)}
        />
      );
    case 'switch':
      return (
        <Switch
          {...common}
          style={{ alignSelf: 'center' }}
          checked={value === true}
          onChange={(event) => onValue(event.currentTarget.checked)}
        />
      );
    case 'lines':
      return (
        <Textarea
          {...wrapped}
          style={wide}
          autosize
          minRows={2}
          maxRows={8}
          value={String(value)}
          onChange={(event) => onValue(event.currentTarget.value)}
        />
      );
    case 'json':
      return (
        <Textarea
          {...wrapped}
          style={wide}
          autosize
          minRows={3}
          maxRows={16}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={String(value)}
          onChange={(event) => onValue(event.currentTarget.value)}
        />
      );
    case 'text':
      return field.long ? (
        <Textarea
          {...wrapped}
          style={wide}
          rows={10}
          resize="vertical"
          value={String(value)}
          onChange={(event) => onValue(event.currentTarget.value)}
        />
      ) : (
        <TextInput {...wrapped} value={String(value)} onChange={(event) => onValue(event.currentTarget.value)} />
      );
  }
}

/** Where nothing is chosen yet, that is a choice too. */
function choicesOf(field: Extract<Field, { kind: 'choice' }>) {
  const known = field.choices.map((choice) => ({ value: choice, label: inWords(choice) }));
  if (field.fallback !== undefined) return known;
  return [{ value: '', label: field.required ? 'Choose one' : 'Not set' }, ...known];
}

/** What the schema says of the field, and how it is to be written. */
function describe(field: Field): string | null {
  const hints: Partial<Record<Field['kind'], string | null>> = {
    number: field.kind === 'number' ? boundsOf(field) : null,
    lines: 'One a line.',
    json: 'As JSON.',
  };
  return [field.description, hints[field.kind]].filter(Boolean).join(' ') || null;
}

function boundsOf({ min, max }: Extract<Field, { kind: 'number' }>): string | null {
  const say = (bound: number) => bound.toLocaleString('en');
  if (min !== undefined && max !== undefined) return `${say(min)} to ${say(max)}.`;
  if (min !== undefined) return `${say(min)} or more.`;
  return max === undefined ? null : `${say(max)} or less.`;
}

function placeholderOf({ fallback, required }: Field): string | undefined {
  if (typeof fallback === 'number') return String(fallback);
  return required ? undefined : 'Not set';
}
