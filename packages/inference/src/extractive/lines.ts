/**
 * A text's lines: one space for each run of white space, no soft hyphens, and a tokenizer's spaces before marks taken
 * out ("I 'm here , too ." becomes "I'm here, too."). A paragraph separator gives a blank line.
 */
export function readLines(text: string): string[] {
  const lines = text
    .replaceAll('\u00ad', '')
    .replaceAll('\u2029', '\n\n')
    .split(/\r\n|[\n\r\v\f\u0085\u2028]/)
    .map((line) => line.replace(/\s+/g, ' ').trim());
  return isTokenized(text) ? lines.map(joinMarks) : lines.map((line) => line.replace(/ ([.,])(?= |$)/g, '$1'));
}

/** French puts a space before "?" and ":", but only a tokenizer puts one before most full stops and commas. */
function isTokenized(text: string): boolean {
  const apart = text.match(/\s[.,](?=\s)/g)?.length ?? 0;
  return apart >= 3 && apart > (text.match(/\S[.,](?=\s)/g)?.length ?? 0);
}

function joinMarks(line: string): string {
  const joined = line
    .replace(/ ([.,;:!?%)\]}…]+)(?=[ "'”’)\]]|$)/g, '$1')
    .replace(/([([{]) /g, '$1')
    .replace(/ (['’](?:s|m|d|re|ve|ll)|n['’]t)(?!\p{L})/giu, '$1')
    .replace(/(\p{L}) - (?=\p{L})/gu, '$1-');
  return joined.includes('"') ? joinQuotes(joined.split(' ')) : joined;
}

/** Puts each lone quotation mark to the word after it where it opens a quotation, else to the word before it. */
function joinQuotes(parts: string[]): string {
  let line = '';
  let open = false;
  let glued = true;
  for (const [place, part] of parts.entries()) {
    const next = parts[place + 1];
    const mark = part === '"';
    // a quotation inside another one: the first was never closed
    const opens: boolean = mark && next !== undefined && (!open || (/^\p{Lu}/u.test(next) && !/[.,!?]$/.test(line)));
    line += glued || (mark && !opens) ? part : ` ${part}`;
    glued = opens;
    if (mark) open = opens;
  }
  return line;
}
