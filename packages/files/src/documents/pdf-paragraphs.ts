import type { Line } from './pdf-lines.ts';

const bullet = /^(?:[•◦▪‣●○·*–—-]|\(?\d{1,3}[.)]|\(?[a-z]\))\s/;
const pageNumber = /^[-–—\s]*(?:(?:page|seite|p\.)\s*)?\d{1,4}(?:\s*(?:\/|of|von)\s*\d{1,4})?[-–—\s]*$/i;
const sentenceEnd = /[.!?…:;。！？][\p{Pe}\p{Pf}"']*$/u;
const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;

/** The paragraphs of a document, each on one line, from its pages' lines. */
export function paragraphsOf(pages: Line[][]): string[] {
  const paragraphs: string[] = [];
  let before: Line | undefined;
  for (const page of pages.map(withoutNumber)) {
    const measure = measureOf(page);
    for (const [i, line] of page.entries()) {
      const joins = before && (i === 0 ? goesOn(before, line) : continues(before, line, measure));
      if (joins) paragraphs.push(glue(paragraphs.pop() ?? '', line.text));
      else paragraphs.push(line.text);
      before = line;
    }
  }
  return paragraphs.map((text) => text.replaceAll('\u00ad', ''));
}

/** Without the page's number, which would stand amid a sentence. */
function withoutNumber(page: Line[]): Line[] {
  const isNumber = (line: Line | undefined) => line !== undefined && page.length > 2 && pageNumber.test(line.text);
  return page.slice(isNumber(page[0]) ? 1 : 0, isNumber(page.at(-1)) ? -1 : undefined);
}

/** How lines lie on a page: from one baseline to the next within a paragraph, in letter sizes, and the margins. */
interface Measure {
  leading: number;
  right: number;
  width: number;
}

function measureOf(page: Line[]): Measure {
  const steps = page
    .slice(1)
    .map((line, i) => step(page[i] as Line, line))
    .filter((distance) => distance > 0.5 && distance < 4)
    .toSorted((a, b) => a - b);
  const left = page.reduce((least, line) => Math.min(least, line.left), Number.POSITIVE_INFINITY);
  const right = page.reduce((most, line) => Math.max(most, line.right), 0);
  // the lower quarter: the larger steps are those between paragraphs
  return { leading: steps[Math.floor(steps.length / 4)] ?? 1.2, right, width: right - left };
}

function step(before: Line, line: Line): number {
  return (before.y - line.y) / (Math.max(before.size, line.size) || 1);
}

/** Is `line` of the same paragraph as the one before it on its page? */
function continues(before: Line, line: Line, { leading, right, width }: Measure): boolean {
  const distance = step(before, line);
  if (distance < -0.5) return goesOn(before, line); // the next column
  if (distance > leading * 1.25 + 0.1) return false;
  if (Math.max(before.size, line.size) > Math.min(before.size, line.size) * 1.15) return false; // a heading
  if (before.font && line.font && before.font !== line.font && before.right < right - width / 4) return false;
  if (bullet.test(line.text)) return false;
  const indent = line.left - before.left;
  if (indent > line.size * 0.8 && indent < width / 4 && !bullet.test(before.text)) return false;
  // a line that leaves room for more ends its paragraph
  const isShort = Math.max(before.right, line.right) > right - width / 2 && before.right < line.right - width / 5;
  return !(isShort && sentenceEnd.test(before.text));
}

/** Across a column's or page's end, where only the words tell. */
function goesOn(before: Line, line: Line): boolean {
  if (bullet.test(line.text) || sentenceEnd.test(before.text)) return false;
  return /^[\p{Ll}\p{Pi}(]/u.test(line.text) || /[\p{L}\u00ad\u2010][-\u00ad\u2010,]$/u.test(before.text);
}

function glue(before: string, line: string): string {
  if (/[\u00ad\u2010]$/.test(before) || (/\p{L}-$/u.test(before) && /^\p{Ll}/u.test(line)))
    return before.slice(0, -1) + line;
  return wide.test(before.slice(-1)) && wide.test(line.slice(0, 1)) ? before + line : `${before} ${line}`;
}
