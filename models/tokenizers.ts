/** A tokenizer as tokenizer.json holds it, and the ids it gives to its tokens. */
export interface MadeTokenizer {
  json: unknown;
  ids: Record<string, number>;
}

/**
 * A tokenizer for which every UTF-8 byte is one token, so that any text survives a round trip. The special tokens come
 * first and take the ids 0, 1, …; `eos` is one of them and is put after every text.
 */
export function byteTokenizer(special: string[], eos: string): MadeTokenizer {
  const ids = Object.fromEntries([...special, ...byteCharacters()].map((token, id) => [token, id]));
  const ending = { SpecialToken: { id: eos, type_id: 0 } };
  const text = (id: 'A' | 'B') => ({ Sequence: { id, type_id: 0 } });
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map(addedToken),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: {
      type: 'TemplateProcessing',
      single: [text('A'), ending],
      pair: [text('A'), ending, text('B'), ending],
      special_tokens: { [eos]: { id: eos, ids: [ids[eos]], tokens: [eos] } },
    },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: ids,
      merges: [],
    },
  };
  return { json, ids };
}

function addedToken(content: string, id: number) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

/**
 * The printable character that stands for each byte in a byte-level vocabulary: itself where it is printable Latin-1,
 * else the next one from U+0100 on. Source: GPT-2's encoder,
 * https://github.com/openai/gpt-2/blob/master/src/encoder.py
 */
function byteCharacters(): string[] {
  let substitutes = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    if (printable) return String.fromCodePoint(byte);
    substitutes += 1;
    return String.fromCodePoint(0xff + substitutes);
  });
}
