import type { z } from 'zod';

const kinds: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/**
 * What zod finds, as the end of a sentence that begins with the pointer, so that a task's schema needs words of its own only
 * for rules of its own. Undefined: zod's own message is taken.
 */
export function faultWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value': {
      const allowed = `${issue.values.length > 1 ? 'one of: ' : ''}${issue.values.map(String).join(', ')}`;
      return issue.input === undefined ? `is required, ${allowed}` : `must be ${allowed}`;
    }
    case 'unrecognized_keys':
      return `has unknown fields: ${issue.keys.join(', ')}`;
    case 'too_small':
      return boundWords(issue.origin, issue.minimum, issue.inclusive === false ? 'more than' : 'at least');
    case 'too_big':
      return boundWords(issue.origin, issue.maximum, issue.inclusive === false ? 'less than' : 'at most');
    default:
      return undefined;
  }
}

function boundWords(origin: string, bound: number | bigint, relation: string): string {
  const counted = { string: 'characters', array: 'items' }[origin];
  if (counted === undefined) return `must be ${relation} ${bound}`;
  return relation === 'at least' && bound === 1 ? 'must not be empty' : `must have ${relation} ${bound} ${counted}`;
}
