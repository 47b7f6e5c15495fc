import { isUnspaced } from './paragraphs.ts';

// A fixed locale: the machine's own must not change a summary.
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

const quotations = [
  ['"', '"', /"/g],
  ['“', '”', /[“”]/g],
] as const;

/** Where a sentence that is too long may be cut: after these marks and before these words. */
const clauseMark = /^[,;:)–—،؛、，；：）]$/u;
const clauseStarters: ReadonlySet<string> = new Set(
  (
    'and or but which that who because while when where whereas although since as than by with without for using ' +
    'und oder aber weil wenn mit ohne et ou mais qui que parce pour avec sans y o pero porque para con sin ' +
    'e ma perché per senza mas com sem и или но что чтобы'
  ).split(' '),
);

/** A "word" that is longer, in UTF-16 units, counts as several: nobody wants a summary that is one long address. */
export const longestWord = 20;

/** What a sentence takes of a summary's budget, in words; text without words, such as emoji, takes its length too. */
export function costOf(text: string, words: number): number {
  return Math.max(words, Math.ceil(text.length / longestWord));
}

/** The summary of these sentences: one paragraph, or one "- " line each. */
export function printSentences(sentences: string[], format: 'paragraph' | 'bullets'): string {
  const quoted = sentences.map(closeQuotation);
  if (format === 'bullets') return quoted.map((sentence) => `- ${sentence}`).join('\n');
  return quoted.reduce((text, sentence, place) => {
    const ended = place + 1 < quoted.length ? endSentence(sentence) : sentence;
    const glued = text === '' || (isUnspaced(text.slice(-1)) && isUnspaced(ended.slice(0, 1)));
    return glued ? text + ended : `${text} ${ended}`;
  }, '');
}

/** A quotation of several sentences leaves its first without a closing mark and its last without an opening one. */
function closeQuotation(sentence: string): string {
  for (const [opening, closing, either] of quotations) {
    const marks = sentence.match(either)?.length ?? 0;
    if (marks % 2 === 0) continue;
    if (sentence.startsWith(opening)) return sentence + closing;
    if (sentence.endsWith(closing)) return sentence.slice(0, -1);
  }
  return sentence;
}

/** Ends what another sentence follows: headings and list items have no full stop. Thai ends sentences with a space. */
function endSentence(text: string): string {
  if (/[,–-]$/.test(text)) return text.replace(/ ?[,–-]+$/, '…');
  if (!/[\p{L}\p{N}]$/u.test(text) || /[\u0e00-\u0eff]$/.test(text)) return text;
  return isUnspaced(text.slice(-1)) ? `${text}。` : `${text}.`;
}

/**
 * The text up to so many words, and "…": up to the end of a clause where one ends in the second half of that and not
 * before the fewest words asked for, else after any word.
 */
export function cutText(text: string, { min, max }: { min: number; max: number }): string {
  const longest = max * longestWord;
  const least = Math.max(min, max / 2);
  let end = 0;
  let clause = 0;
  let count = 0;
  let started = false;
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (isWordLike) {
      const starts = clauseStarters.has(segment.toLowerCase());
      // "attacks by using" ends before "by"
      if (starts && !started && count >= least) clause = index;
      started = starts;
      count += 1;
    }
    if (count > max || index + segment.length > longest) break;
    end = index + segment.length;
    if (count >= least && clauseMark.test(segment)) clause = end;
  }
  if (end === text.length) return text;
  // one endless word: cut anywhere but inside a surrogate pair
  const kept = end > 0 ? text.slice(0, clause || end) : text.slice(0, longest).replace(/[\ud800-\udbff]$/, '');
  return `${kept.replace(/[\s,;:.!?–—،؛、，；：-]+$/u, '')}…`;
}
