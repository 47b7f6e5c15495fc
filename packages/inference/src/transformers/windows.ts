import { setImmediate as nextTurn } from 'node:timers/promises';
import { sentences } from './sentences.ts';

/** A part of a text that fits into the model at once. */
export interface Window {
  text: string;
  tokens: number;
}

/** Tokens of a text by the model's own tokenizer, without the special ones around it. */
export type CountTokens = (text: string) => number;

/** Longer pieces are halved unseen: no vocabulary gets this many characters per token out of a text. */
const charactersPerToken = 8;
/** How many sentences are counted between two looks at the signal. */
const sentencesPerTurn = 200;

/**
 * Splits a text into windows of at most `limit` tokens, at the ends of sentences where it can, and about equally long:
 * a short last window would be summarized as if it weighed as much as the others. Joined they give the text itself.
 * Rejects with the signal's reason.
 */
export async function splitIntoWindows(
  text: string,
  limit: number,
  count: CountTokens,
  signal: AbortSignal,
): Promise<Window[]> {
  const pieces: Window[] = [];
  for (const [i, sentence] of sentences(text).entries()) {
    if (i % sentencesPerTurn === 0) {
      await nextTurn();
      signal.throwIfAborted();
    }
    pieces.push(...fitting(sentence, limit, count));
  }
  return packed(pieces, limit).flatMap((window) => fitting(window, limit, count));
}

/** Joins neighbours until a window is full, or has its even share. */
function packed(pieces: Window[], limit: number): string[] {
  const total = pieces.reduce((sum, piece) => sum + piece.tokens, 0);
  const share = total / Math.max(1, Math.ceil(total / limit));
  const windows: string[] = [];
  let text = '';
  let tokens = 0;
  for (const piece of pieces) {
    if (text !== '' && (tokens >= share || tokens + piece.tokens > limit)) {
      windows.push(text);
      text = '';
      tokens = 0;
    }
    text += piece.text;
    tokens += piece.tokens;
  }
  return text === '' ? windows : [...windows, text];
}

/** The text if it fits, else its halves, and so on. */
function fitting(text: string, limit: number, count: CountTokens): Window[] {
  if (text.length <= limit * charactersPerToken) {
    const tokens = count(text);
    if (tokens <= limit || text.length < 2) return [{ text, tokens }];
  }
  const middle = middleOf(text);
  return [...fitting(text.slice(0, middle), limit, count), ...fitting(text.slice(middle), limit, count)];
}

/** A place to cut near the middle: after white space, else at least not inside a character. */
function middleOf(text: string): number {
  const half = text.length >> 1;
  const space = text.slice(half, half + (half >> 1)).search(/\s/);
  if (space !== -1 && half + space + 1 < text.length) return half + space + 1;
  const insideOfPair = /[\uDC00-\uDFFF]/.test(text.charAt(half)) && half > 1;
  return insideOfPair ? half - 1 : half;
}
