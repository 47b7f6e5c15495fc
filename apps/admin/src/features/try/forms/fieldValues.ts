import type { Fault } from '@slipway/contract/problems';
import type { Field } from './schemaFields.ts';

/** What a person has put into fields, by name: as the control holds it. What nobody touched is missing. */
export type Values = Record<string, unknown>;

/** What a control shows: what was put there, else the default. */
export function shownValue(field: Field, values: Values): string | number | boolean {
  const value = values[field.name] === undefined ? toShown(field) : values[field.name];
  if (field.kind === 'switch') return value === true;
  return typeof value === 'string' || typeof value === 'number' ? value : '';
}

function toShown({ kind, fallback }: Field): unknown {
  if (fallback === undefined) return undefined;
  if (kind === 'json') return JSON.stringify(fallback, null, 2);
  return kind === 'lines' && Array.isArray(fallback) ? fallback.join('\n') : fallback;
}

/**
 * The value that the fields make, to be sent. What nobody touched or what was emptied is left out, so that the service's
 * own default counts. The service judges the rest; only what is no JSON at all is a fault already here.
 */
export function collect(fields: Field[], values: Values): { value: unknown; faults: Fault[] } {
  const faults: Fault[] = [];
  const entries = fields.flatMap((field) => {
    const read = readField(field, values[field.name]);
    if (read.fault) faults.push({ pointer: field.pointer, message: read.fault });
    return read.value === undefined ? [] : [[field.name, read.value] as const];
  });
  const whole = fields.find(({ name }) => name === '');
  return { value: whole ? entries[0]?.[1] : Object.fromEntries(entries), faults };
}

function readField(field: Field, value: unknown): { value?: unknown; fault?: string } {
  // a switch that has to be there is off while nobody turns it on
  if (value === undefined && field.required && field.kind === 'switch') return { value: field.fallback ?? false };
  if (value === undefined || value === '') return field.required && field.kind === 'text' ? { value: '' } : {};
  if (field.kind === 'lines') return { value: String(value).split('\n').filter(Boolean) };
  if (field.kind === 'number') return { value: Number.isNaN(Number(value)) ? value : Number(value) };
  if (field.kind !== 'json') return { value };
  try {
    return { value: JSON.parse(String(value)) };
  } catch {
    return { fault: 'must be JSON: text in double quotes, lists in [ ], objects in { }' };
  }
}
