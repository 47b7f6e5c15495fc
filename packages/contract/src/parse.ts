import type { z } from 'zod';
import { faultWords } from './fault-words.ts';
import { CodedError, type Fault } from './problems.ts';

/** A caller mends a few faults at a time; thousands would only make a large answer. */
const mostFaults = 20;

/** Parses a value by its schema. Throws CodedError `invalid_input` with a JSON pointer (RFC 6901) for each fault. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, at = ''): z.infer<S> {
  const parsed = schema.safeParse(value, { error: faultWords });
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.slice(0, mostFaults).flatMap((issue) => toFaults(issue, at)));
}

/** Parses each value by the schema of its name, which begins its pointers, and tells the faults of all at once. */
export function parseInputs<S extends Record<string, z.ZodType>>(
  schemas: S,
  values: Record<keyof S, unknown>,
): { [Name in keyof S]: z.infer<S[Name]> } {
  const faults: Fault[] = [];
  const entries = Object.entries(schemas).map(([name, schema]) => {
    const { data, error } = schema.safeParse(values[name], { error: faultWords });
    for (const issue of error?.issues.slice(0, mostFaults) ?? []) faults.push(...toFaults(issue, `/${name}`));
    return [name, data];
  });
  if (faults.length > 0) throw invalid(faults);
  return Object.fromEntries(entries);
}

function invalid(all: Fault[]): CodedError {
  const faults = all.slice(0, mostFaults);
  const first = faults[0];
  return new CodedError('invalid_input', `${first?.pointer || 'The body'} ${first?.message}.`, { faults });
}

function toFaults(issue: z.core.$ZodIssue, at: string): Fault[] {
  const pointer = at + issue.path.map((key) => `/${escapeToken(String(key))}`).join('');
  if (issue.code === 'unrecognized_keys')
    return issue.keys
      .slice(0, mostFaults)
      .map((key) => ({ pointer: `${pointer}/${escapeToken(key)}`, message: 'is not a known field' }));
  return [{ pointer, message: issue.message }];
}

/** A name from the caller goes back cut: the whole might be the input itself. */
export const escapeToken = (key: string) => key.slice(0, 64).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');
