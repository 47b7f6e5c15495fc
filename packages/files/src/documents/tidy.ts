/** What is neither a character of a text nor a break: controls but tab and newline, marks of byte order. */
const invisible = /(?![\t\n])\p{Cc}|[\ufeff\ufffe\uffff]/gu;

/** Well-formed text without control characters, its lines without blanks at their ends, at most one empty line in a row. */
export function tidy(text: string): string {
  return text
    .toWellFormed()
    .replace(/\f/g, '\n\n') // a page's end
    .replace(/\r\n?|[\u0085\u2028]/g, '\n')
    .replace(/\u2029/g, '\n\n')
    .replace(invisible, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
