/** Width of hard-wrapped text, in columns: narrower is a list or a poem, wider is one paragraph a line. */
const narrowest = 30;
const widest = 140;

/** A line without letters or digits that draws something: "-----", "* * *", "| --- |". */
const rule = /^[\s\-=_*#~+|.:·•—–]+$/u;
const heading = /^#{1,6}\s+/;
const bullet = /^(?:[-–*+•‣◦▪●○·]|\(?\d{1,3}[.)]|\(?[a-z]\))\s+/;
const wide = /[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/g;

/**
 * A text's blocks: paragraphs, list items and headings, each on one line, without list marks and rules. A blank line
 * ends a block; a single line break does too, unless all it does is wrap a line.
 */
export function splitBlocks(lines: string[]): string[] {
  const width = wrapWidth(lines);
  const blocks: string[][] = [];
  let before = '';
  for (const line of lines) {
    const block = blocks.at(-1);
    const content = rule.test(line) ? '' : line.replace(bullet, '').replace(heading, '');
    if (block && continues(before, line, width)) block.push(isGlued(before, line) ? '' : ' ', content);
    else if (content !== '') blocks.push([content]);
    before = line;
  }
  return blocks.map((block) => block.join(''));
}

function continues(before: string, line: string, width: number): boolean {
  if (before === '' || line === '' || startsBlock(line) || heading.test(before) || rule.test(before)) return false;
  const columns = countColumns(before);
  if (/^\p{Ll}/u.test(line)) return columns >= narrowest;
  // a tenth of tolerance: editors disagree about the last column
  return width > 0 && columns + firstWordColumns(line) >= 0.9 * width;
}

function startsBlock(line: string): boolean {
  return heading.test(line) || bullet.test(line) || rule.test(line);
}

/** The column at which the text was wrapped, or 0 where it was not: there lines end anywhere. */
function wrapWidth(lines: string[]): number {
  const all: number[] = [];
  const inner: number[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const columns = countColumns(line);
    all.push(columns);
    const next = lines[index + 1] ?? '';
    if (next !== '' && !startsBlock(next)) inner.push(columns);
  }
  if (inner.length === 0) return 0;
  const width = inner.sort((a, b) => a - b)[Math.floor(0.9 * (inner.length - 1))] ?? 0;
  const longer = all.filter((columns) => columns > 1.1 * width).length;
  // a single short line over another one is a heading
  const enough = inner.length > 1 ? narrowest : 2 * narrowest;
  return width >= enough && width <= widest && longer <= 0.1 * all.length ? width : 0;
}

function countColumns(line: string): number {
  return line.length + (line.match(wide)?.length ?? 0);
}

/** Columns of a line's first word and the space before it; scripts without spaces wrap at any character. */
function firstWordColumns(line: string): number {
  if (line.search(wide) === 0) return 2;
  const space = line.indexOf(' ');
  return 1 + (space < 0 ? line.length : space);
}

/** Is there no space where this wrapped line goes on? */
function isGlued(before: string, line: string): boolean {
  return before.endsWith('-') || (isUnspaced(before.slice(-1)) && isUnspaced(line.slice(0, 1)));
}

/** Chinese and Japanese characters and punctuation, between which there is no space. */
export function isUnspaced(character: string): boolean {
  return /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/.test(character);
}
