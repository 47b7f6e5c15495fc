/** What a stream of text needs of a tokenizer. */
export interface Decoder {
  all_special_ids: number[];
  decode(ids: bigint[], options: { skip_special_tokens: boolean }): string;
}

/**
 * Collects the text that a model generates, token by token. A token may end inside a character, which then decodes to
 * U+FFFD: `onText` gets only what is whole.
 */
export function textStream(decoder: Decoder, onText: (text: string, tokens: number) => void) {
  const special = new Set(decoder.all_special_ids.map(BigInt));
  const ids: bigint[] = [];
  let prompt = true;
  let lastWasSpecial = false;
  const decoded = () => decoder.decode(ids, { skip_special_tokens: true });
  return {
    put([next = []]: bigint[][]) {
      if (prompt) {
        prompt = false;
        return;
      }
      ids.push(...next.filter((id) => !special.has(id)));
      lastWasSpecial = next.some((id) => special.has(id));
      onText(decoded().replace(/\uFFFD+$/, ''), ids.length);
    },
    end() {},
    text: decoded,
    tokens: () => ids.length,
    /** The model itself said that it was done. */
    endedByModel: () => lastWasSpecial,
  };
}

/** The text before the first stop string in it, or undefined where none is in it. */
export function beforeStop(text: string, stop: string[]): string | undefined {
  const ends = stop.map((word) => text.indexOf(word)).filter((at) => at !== -1);
  return ends.length === 0 ? undefined : text.slice(0, Math.min(...ends));
}
