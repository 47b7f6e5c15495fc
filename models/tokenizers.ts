/** The special tokens of the word tokenizer, which take the ids 0 to 4. */
export const wordSpecial = { pad: '[PAD]', unk: '[UNK]', cls: '[CLS]', sep: '[SEP]', mask: '[MASK]' };

/** A tokenizer as tokenizer.json holds it, and the ids it gives to its tokens. */
export interface MadeTokenizer {
  json: unknown;
  ids: Record<string, number>;
}

/**
 * A tokenizer for which every UTF-8 byte is one token, so that any text survives a round trip. The special tokens come
 * first and take the ids 0, 1, …; `eos`, where given, is one of them and is put after every text.
 */
export function byteTokenizer(special: string[], eos?: string): MadeTokenizer {
  const ids = idsOf([...special, ...byteCharacters()]);
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map(addedToken),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: eos === undefined ? null : template(['A', eos], ['A', eos, 'B', eos], ids),
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

/**
 * A tokenizer of the BERT kind that knows whole words, in lower case and without accents, and no pieces of words: any
 * other word is one [UNK], so that "badge" is not "bad" and a rest.
 */
export function wordTokenizer(words: string[]): MadeTokenizer {
  const { pad, unk, cls, sep, mask } = wordSpecial;
  const special = [pad, unk, cls, sep, mask];
  const ids = idsOf([...special, ...words]);
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map(addedToken),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: template([cls, 'A', sep], [cls, 'A', sep, 'B', sep], ids),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: unk,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: ids,
    },
  };
  return { json, ids };
}

function idsOf(tokens: string[]): Record<string, number> {
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

/** The special tokens that are put around one text (A) or two (A and B). */
function template(single: string[], pair: string[], ids: Record<string, number>) {
  const isText = (name: string) => name === 'A' || name === 'B';
  const piece = (name: string) =>
    isText(name) ? { Sequence: { id: name, type_id: 0 } } : { SpecialToken: { id: name, type_id: 0 } };
  const tokens = new Set(single.filter((name) => !isText(name)));
  return {
    type: 'TemplateProcessing',
    single: single.map(piece),
    pair: pair.map(piece),
    special_tokens: Object.fromEntries([...tokens].map((id) => [id, { id, ids: [ids[id]], tokens: [id] }])),
  };
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
