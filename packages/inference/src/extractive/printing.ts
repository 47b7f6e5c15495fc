import { isUnspaced } from './paragraphs.ts';

// A fixed locale: the machine's own must not change a summary.
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

const quotations = [
  ['"', '"', /"/g],
  ['“', '”', /[“”]/g],
] as const;

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

/** The text up to so many words, and "…". */
export function cutText(text: string, words: number): string {
  const longest = words * longestWord;
  let end = 0;
  let count = 0;
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (isWordLike) count += 1;
    if (count > words || index + segment.length > longest) break;
    end = index + segment.length;
  }
  if (end === text.length) return text;
  // one endless word: cut anywhere but inside a surrogate pair
  const kept = end > 0 ? text.slice(0, end) : text.slice(0, longest).replace(/[\ud800-\udbff]$/, '');
  return `${kept.replace(/[\s,;:.!?–-]+$/u, '')}…`;
}
