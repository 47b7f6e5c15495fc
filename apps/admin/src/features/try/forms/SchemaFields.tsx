import { SimpleGrid } from '@mantine/core';
import type { Fault } from '@slipway/contract/problems';
import type { Values } from './fieldValues.ts';
import { SchemaField } from './SchemaField.tsx';
import type { Field } from './schemaFields.ts';

interface SchemaFieldsProps {
  fields: Field[];
  values: Values;
  onValues: (values: Values) => void;
  faults: Fault[];
}

/** Controls for the fields of a schema, in its order: short ones in two columns, long ones over both. */
export function SchemaFields({ fields, values, onValues, faults }: SchemaFieldsProps) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" verticalSpacing="sm">
      {fields.map((field) => (
        <SchemaField
          key={field.name}
          field={field}
          values={values}
          onValue={(value) => onValues({ ...values, [field.name]: value })}
          faults={faults}
        />
      ))}
    </SimpleGrid>
  );
}
