import { abbreviations, afterOrdinals, beforeNumbers, sentenceStarters } from './abbreviations.ts';

// A fixed locale: the machine's own must not change a summary. These rules are the root ones for every language but Greek.
const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Longest sentence kept in one piece, in UTF-16 units: about 100 English words. Few writers go there, transcribers do. */
const longestSentence = 600;
/** Length at which a longer one is cut, at a clause mark if there is one. */
const shortestPiece = 120;
/** Thai and Lao put a space where other scripts put a full stop or a comma: shortest piece, about ten words. */
const shortestThaiPiece = 40;

/** Marks that the annex leaves on the wrong side: a closing one after a space, an opening one where there is no space. */
const startOfSegment = /^(?:[”」』）)\]]+\s*|»\s+)/;
const endOfSegment = /[“「『（«]+$/;

/**
 * The sentences of one block, in order, trimmed. `Intl.Segmenter` finds them (Unicode Standard Annex 29) and this mends
 * what its rules cannot know: abbreviations, initials, ordinals, speech tags after a quotation, text without capitals,
 * the Greek question mark, Thai and Lao, and dictation without any full stop.
 */
export function splitSentences(block: string): string[] {
  const sentences: string[] = [];
  let open = '';
  let opening = '';
  for (const segment of segments(block)) {
    const closing = open === '' ? '' : (startOfSegment.exec(segment)?.[0] ?? '');
    open += closing;
    const rest = opening + segment.slice(closing.length);
    opening = endOfSegment.exec(rest.slice(-3))?.[0] ?? '';
    const next = rest.slice(0, rest.length - opening.length);
    if (open !== '' && !belongTogether(open, next)) {
      addPieces(sentences, open.trim());
      open = '';
    }
    open += next;
  }
  addPieces(sentences, (open + opening).trim());
  return sentences;
}

function* segments(block: string): Generator<string> {
  // the annex never breaks before a small letter, so text typed without capitals would be one sentence
  const everyStop = !/\p{Lu}/u.test(block) && /\p{Ll}/u.test(block);
  const greek = /[\u0370-\u03ff][;\u037e]/.test(block);
  for (const { segment } of segmenter.segment(block)) {
    if (everyStop) yield* segment.split(/(?<=[.!?…]["'”’»)]?\s)/u);
    else if (greek) yield* segment.split(/(?<=[\u0370-\u03ff][;\u037e]["'”’»)]?\s)/u);
    else yield segment;
  }
}

function belongTogether(before: string, after: string): boolean {
  // bounds the work on a hostile text, "a. a. a. …"
  if (before.length > longestSentence) return false;
  if (!/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(after)) return true;
  const end = before.trimEnd();
  const next = /^[^\p{L}\p{N}]{0,3}([\p{L}\p{M}]+|\p{N})/u.exec(after)?.[1] ?? '';
  if (/[!?…] ?["'”’»)]+$/u.test(end)) return /^\p{Ll}/u.test(next);
  const last = /([\p{L}\p{N}\p{M}.]{1,20})\.$/u.exec(end)?.[1];
  if (last === undefined) return false;
  const word = last.toLowerCase();
  if (abbreviations.has(word)) return true;
  if (beforeNumbers.has(word) && /^\p{N}/u.test(next)) return true;
  if (/^\d{1,2}$/.test(last) && afterOrdinals.has(next.toLowerCase())) return true;
  // "J. Smith", "z. B. Milch", "U.S. Army", "т. е."
  const initial = /^\p{L}(?:\.\p{L})*$/u.test(last) && last !== 'I';
  return initial && next !== '' && !sentenceStarters.has(next.toLowerCase());
}

/** Adds a sentence, in pieces where it is too long or its script shows no sentences. */
function addPieces(sentences: string[], sentence: string): void {
  if (sentence === '') return;
  const thai = sentence.length > shortestThaiPiece && /[\u0e00-\u0eff]/.test(sentence);
  if (!thai && sentence.length <= longestSentence) {
    sentences.push(sentence);
    return;
  }
  let piece = '';
  for (const part of sentence.split(/(?<=[\s、，；：])/u)) {
    if (thai ? endsThaiPhrase(piece, part) : endsClause(piece.trimEnd())) {
      sentences.push(piece.trimEnd());
      piece = '';
    }
    piece += part;
  }
  sentences.push(piece.trimEnd());
}

function endsThaiPhrase(piece: string, next: string): boolean {
  return piece.length >= shortestThaiPiece && /[\u0e00-\u0eff]\s$/.test(piece) && /^[\u0e00-\u0eff]/.test(next);
}

function endsClause(piece: string): boolean {
  return piece.length >= 2 * shortestPiece || (piece.length >= shortestPiece && /[.!?;:,،؛—–…、，；：]$/u.test(piece));
}
