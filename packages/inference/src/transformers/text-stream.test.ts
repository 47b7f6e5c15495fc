import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { load } from './library.ts';
import { type Decoder, textStream } from './text-stream.ts';

/** One token a byte of UTF-8, as byte-level tokenizers have; 256 ends the answer. */
const byteDecoder: Decoder = {
  all_special_ids: [256],
  decode: (ids) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(ids.map(Number))),
};
const bytes = (text: string) => [...new TextEncoder().encode(text)].map(BigInt);

/** A token for each of these, joined as tokenizers with "▁" do: its space is left out at the start of a text. */
function pieceDecoder(pieces: string[], tidy = false): Decoder {
  return {
    all_special_ids: [],
    decode(ids) {
      const text = ids.map((id) => pieces[Number(id)]).join('');
      const plain = text.replaceAll('▁', ' ').replace(/^ /, '');
      // in the order of the tokenizers' library
      return tidy
        ? [' .', ' ,', " ' ", " n't", " 's", " 've", " 're"].reduce((t, s) => t.replaceAll(s, s.trim()), plain)
        : plain;
    },
  };
}

function run(decoder: Decoder, ids: bigint[]) {
  const seen: string[] = [];
  const counts: number[] = [];
  let decoded = 0;
  const counting: Decoder = {
    ...decoder,
    decode(given, options) {
      expect(given.length).toBeGreaterThan(0);
      decoded += given.length;
      return decoder.decode(given, options);
    },
  };
  const stream = textStream(counting, { onText: (text) => seen.push(text), onToken: (tokens) => counts.push(tokens) });
  stream.put([bytes('the prompt')]);
  for (const id of ids) stream.put([[id]]);
  stream.end();
  return { seen, counts, stream, text: seen.join(''), decoded };
}

test('the prompt is not part of the answer, and special tokens do not count', () => {
  const { stream, text, counts } = run(byteDecoder, [...bytes('yes'), 256n]);
  expect([text, stream.tokens(), stream.endedByModel()]).toEqual(['yes', 3, true]);
  expect(counts).toEqual([1, 2, 3, 3]);
  expect(run(byteDecoder, bytes('yes')).stream.endedByModel()).toBe(false);
});

test('an answer may be empty', () => {
  expect(run(byteDecoder, [256n])).toMatchObject({ seen: [], counts: [0] });
});

test('a character is given once its last byte has come', () => {
  expect(run(byteDecoder, bytes('a漢b😀é')).seen).toEqual(['a', '漢', 'b', '😀', 'é']);
});

test('a character that was cut off by a limit is left out, not one that the model wrote', () => {
  expect(run(byteDecoder, bytes('a漢').slice(0, -1)).text).toBe('a');
  expect(run(byteDecoder, [...bytes('a\uFFFD'), 256n]).text).toBe('a\uFFFD');
});

test.each([
  'plain words, and then more of them.',
  'Ünïcode, 漢字 and 👩‍👩‍👧‍👦 too.',
  `many${' '.repeat(40)}spaces\n\n\n\tand lines`,
  '\uFFFD in the middle \uFFFD\uFFFD.',
  '',
])('the pieces joined are %j', (text) => {
  expect(run(byteDecoder, bytes(text)).text).toBe(text);
});

test.each([[[0, 1, 2, 3, 1, 4]], [[5, 0, 1]], [[1, 3, 3, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 1]], [[5, 5, 5]]])(
  'the space of a first token is left out there only: %j',
  (order) => {
    const decoder = pieceDecoder(['▁The', '▁house', 's', '.', '▁is', '▁']);
    const ids = order.map(BigInt);
    expect(run(decoder, ids).text).toBe(decoder.decode(ids, { skip_special_tokens: true }));
  },
);

test('spaces that the decoder tidies away are never given', () => {
  const words = [
    '▁It',
    "▁'",
    's',
    '▁do',
    '▁n',
    "'",
    't',
    '▁,',
    '▁we',
    "▁'",
    've',
    '▁.',
    '▁',
    '.',
    '▁he',
    "▁'",
    '▁re',
    '▁now',
  ];
  const decoder = pieceDecoder(words, true);
  const { text, seen } = run(
    decoder,
    words.map((_, i) => BigInt(i)),
  );
  expect(text).toBe("It's don't, we've.. he're now");
  expect(seen.slice(0, 4)).toEqual(['It', "'s", ' do', "n't"]);
});

test.each([
  ['words', 'word '.repeat(400)],
  ['spaces', ' '.repeat(2000)],
])('each token costs the same: %s', (_, text) => {
  const { decoded } = run(byteDecoder, bytes(text));
  expect(decoded).toBeLessThan(20 * text.length);
});

test('bytes that are no characters cost no more', () => {
  const { decoded, text } = run(byteDecoder, [...Array<bigint>(2000).fill(0xffn), ...bytes('end')]);
  expect(decoded).toBeLessThan(20 * 2000);
  expect(text).toMatch(/^\uFFFD{2000}end$/);
});

const pretrained = path.resolve(import.meta.dirname, '../../../../../shared/models/pretrained');
const missing = existsSync(pretrained) ? '' : ' (skipped: ../shared/models/pretrained is not there)';
describe.skipIf(missing !== '')(`a real tokenizer${missing}`, () => {
  test.each([
    'Once upon a time, there was a little girl. She didn\'t "like" it .',
    'Bytes that it has no words for: 漢字 and 😀, é and ß.',
    '  spaces   and\n\nlines ',
  ])('the pieces joined are %j', async (text) => {
    const hardware = { dtype: 'fp32', device: 'cpu', threads: 1 } as const;
    const { tokenizer } = await load('text-generation', path.join(pretrained, 'karpathy/stories260K'), hardware);
    const ids = tokenizer.encode(text, { add_special_tokens: false }).map(BigInt);
    const { text: joined, decoded } = run(tokenizer, ids);
    expect(joined).toBe(tokenizer.decode(ids, { skip_special_tokens: true }));
    expect(decoded).toBeLessThan(20 * ids.length);
  });
});
