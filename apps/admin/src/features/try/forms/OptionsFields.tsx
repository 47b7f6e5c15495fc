import { Stack } from '@mantine/core';
import type { Fault } from '@slipway/contract/problems';
import type { ReactNode } from 'react';
import { Disclosure } from '../../../ui/Disclosure.tsx';
import { concerns } from './faults.ts';
import type { Values } from './fieldValues.ts';
import { SchemaFields } from './SchemaFields.tsx';
import type { Field } from './schemaFields.ts';

interface OptionsFieldsProps {
  fields: Field[];
  values: Values;
  onValues: (values: Values) => void;
  faults: Fault[];
  /** A form's own, before the task's. */
  children?: ReactNode;
}

/** A task's options, behind a button that a fault presses. */
export function OptionsFields({ fields, values, onValues, faults, children }: OptionsFieldsProps) {
  if (fields.length === 0 && !children) return null;
  const faulty = fields.some(({ pointer }) => faults.some((fault) => concerns(fault, pointer)));
  return (
    <Disclosure label="Options" needed={faulty}>
      <Stack gap="sm">
        {children}
        <SchemaFields fields={fields} values={values} onValues={onValues} faults={faults} />
      </Stack>
    </Disclosure>
  );
}
