import { z } from 'zod';

/** Longest text that a task takes, in UTF-16 code units. About 300,000 English words. */
export const maxTextLength = 2_000_000;

/**
 * Text that every part of the house can carry to the letter. NUL and lone surrogates are refused at the door: they
 * survive Redis, but not every tokenizer, log or database behind it.
 */
export const textSchema = z
  .string()
  .max(maxTextLength)
  .refine((text) => text.trim() !== '', 'must not be empty or blank')
  .refine((text) => !text.includes('\0'), 'must not contain NUL characters')
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode (it holds half of a surrogate pair)')
  .meta({
    description: 'Well-formed Unicode, not blank, without NUL. `maxLength` counts UTF-16 code units.',
    pattern: '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$',
  });
