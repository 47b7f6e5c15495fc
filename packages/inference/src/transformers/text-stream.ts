/** What a stream of text needs of a tokenizer. */
export interface Decoder {
  all_special_ids: number[];
  /** Throws on an empty list. */
  decode(ids: bigint[], options: { skip_special_tokens: boolean }): string;
}

export interface TextListener {
  /** Text to be appended to what came before; whole characters, never empty. */
  onText(piece: string): void;
  /** After each token, with how many there are, special ones left out. */
  onToken(tokens: number): void;
}

/**
 * What the next token may still change at the end of a text: a character of which bytes are missing decodes to U+FFFD,
 * and decoders tidy the space away that stands before ".", "n't" or "'re".
 */
const unsettled = /(?:\uFFFD+| (?:n'?|'[vr]?)?)$/;
/** More tokens than any of these takes. A model that writes nothing but spaces must not make every step longer. */
const longestUnsettled = 8;

/**
 * Turns the tokens that a model generates into text, as they come, at the same cost for each: only those are decoded
 * again whose text is not settled, with the last ones that are before them, because decoders treat the first token of a
 * text in a way of its own. The pieces joined are what all tokens decode to at once; a last character of which bytes
 * are missing, because a limit cut it, is left out.
 * As in text-generation-inference,
 * https://github.com/huggingface/text-generation-inference/blob/main/server/text_generation_server/models/model.py
 */
export function textStream(decoder: Decoder, { onText, onToken }: TextListener) {
  const special = new Set(decoder.all_special_ids.map(BigInt));
  const decode = (ids: bigint[]) => (ids.length === 0 ? '' : decoder.decode(ids, { skip_special_tokens: true }));
  /** The last settled tokens, then those that are not. */
  let window: bigint[] = [];
  let settled = 0;
  /** Length of what was given of the window's text. */
  let given = 0;
  let tokens = 0;
  let prompt = true;
  let lastWasSpecial = false;

  const give = (text: string, end: number) => {
    if (end <= given) return;
    onText(text.slice(given, end));
    given = end;
  };
  const take = (id: bigint) => {
    tokens += 1;
    window.push(id);
    const text = decode(window);
    const overdue = window.length - settled > longestUnsettled;
    const end = overdue ? text.length : text.replace(unsettled, '').length;
    give(text, end);
    if (end < text.length) return;
    window = window.slice(settled);
    settled = window.length;
    given = decode(window).length;
  };
  return {
    put([ids = []]: bigint[][]) {
      if (prompt) {
        prompt = false;
        return;
      }
      for (const id of ids) {
        lastWasSpecial = special.has(id);
        if (!lastWasSpecial) take(id);
      }
      onToken(tokens);
    },
    /** The last token has come: gives what was held back. */
    end() {
      const text = decode(window);
      give(text, lastWasSpecial ? text.length : text.replace(/\uFFFD+$/, '').length);
    },
    tokens: () => tokens,
    /** The model itself said that it was done. */
    endedByModel: () => lastWasSpecial,
  };
}
