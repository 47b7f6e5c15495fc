/**
 * Text in which no special token of the model is left. Typed into a text, `</s>` would end it for the model and
 * `<pad>` would hide what follows. A space after the first character of each keeps it readable and makes it plain text.
 */
export function neutralise(text: string, specialTokens: string[]): string {
  const tokens = specialTokens.filter((token) => token.trim().length > 1).sort((a, b) => b.length - a.length);
  if (tokens.length === 0) return text;
  // looks ahead without consuming, so that overlapping tokens are all found in one pass
  const starts = new RegExp(`(?=${tokens.map(escaped).join('|')}).`, 'gsu');
  return text.replaceAll(starts, '$& ');
}

/** The token as a pattern that matches itself; `RegExp.escape` is too new for the declared library (ES2025). */
function escaped(token: string): string {
  return token.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
