import { expect, test } from 'vitest';
import { beforeStop, textStream } from './text-stream.ts';

/** One token a byte of UTF-8, as byte-level tokenizers have; 256 ends the answer. */
const decoder = {
  all_special_ids: [256],
  decode: (ids: bigint[]) => new TextDecoder().decode(Uint8Array.from(ids.map(Number))),
};
const bytes = (text: string) => [...new TextEncoder().encode(text)].map(BigInt);

test('the prompt is not part of the answer, and special tokens do not count', () => {
  const stream = textStream(decoder, () => {});
  stream.put([bytes('the prompt')]);
  for (const id of bytes('yes')) stream.put([[id]]);
  expect(stream.endedByModel()).toBe(false);
  stream.put([[256n]]);
  expect([stream.text(), stream.tokens(), stream.endedByModel()]).toEqual(['yes', 3, true]);
});

test('a character that is not whole yet is held back', () => {
  const seen: string[] = [];
  const stream = textStream(decoder, (text) => seen.push(text));
  stream.put([[]]);
  for (const id of bytes('a漢b')) stream.put([[id]]);
  expect(seen).toEqual(['a', 'a', 'a', 'a漢', 'a漢b']);
});

test.each([
  ['One. Two.', ['Two'], 'One. '],
  ['One. Two.', ['Two', 'One'], ''],
  ['One. Two.', ['Three'], undefined],
  ['One.', [], undefined],
])('%j before %j is %j', (text, stop, before) => {
  expect(beforeStop(text, stop)).toBe(before);
});
