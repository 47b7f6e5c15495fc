/** The texts of a form or a query but for the empty ones: HTML forms send one for every field that nobody filled in. */
export const withoutEmpty = (texts: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));

/** The value without those of the named fields that are null, as many programs write what is not set. */
export function withoutNulls(value: unknown, names: string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name, field]) => field !== null || !names.includes(name)));
}
