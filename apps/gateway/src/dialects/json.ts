import { fail } from './errors.ts';

export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * An object with what is null left out: to these clients null means "not set". Throws `invalid_input` for anything else.
 */
export function fieldsOf(value: unknown, pointer = ''): Fields {
  if (!isFields(value)) return fail(pointer, 'must be an object');
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}
