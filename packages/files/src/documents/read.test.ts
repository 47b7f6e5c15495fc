import { maxTextLength } from '@slipway/contract/text';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readDocument } from './read.ts';
import { expectRefusal, utf8 } from './test-faults.ts';

test('plain text: line ends, blanks and stray controls are tidied', async () => {
  const text = `\ufeff One.  \r\nTwo.\r\r\r\rThree\x07\u2029Four\f${'Five. '.repeat(40)}`;
  expect(await readDocument(utf8(text), {})).toBe(`One.\nTwo.\n\nThree\n\nFour\n\n${'Five. '.repeat(40).trim()}`);
});

test('half of a surrogate pair, which UTF-16 can hold, is replaced', async () => {
  const file = Buffer.from('\ufeffA half: \ud83d, and more text', 'utf16le');
  expect(await readDocument(new Uint8Array(file), {})).toBe('A half: \ufffd, and more text');
});

test('whatever its ending, text is text', async () => {
  const hint = { name: 'report.pdf', type: 'application/octet-stream' };
  expect(await readDocument(utf8('BMW sells cars.'), hint)).toBe('BMW sells cars.'); // a bitmap begins with "BM"
  expect(await readDocument(utf8('A file starts with %PDF-1.7'), { name: 'a.txt' })).toBe(
    'A file starts with %PDF-1.7',
  );
});

test('as long as a task takes, and no longer', async () => {
  expect(await readDocument(utf8('a'.repeat(maxTextLength)), {})).toHaveLength(maxTextLength);
  const long = utf8('a'.repeat(maxTextLength + 1));
  await expectRefusal(long, 'invalid_input', /^.*2,000,001 characters of text; at most 2,000,000 are taken: split it/);
});

const rubbish = Uint8Array.from({ length: 5_000 }, (_, i) => (i * i * 7 + (i >> 3)) % 256);
test.each<[string, Uint8Array, RegExp]>([
  [
    'a picture',
    new Uint8Array(
      await sharp(rubbish.subarray(0, 300), { raw: { width: 10, height: 10, channels: 3 } })
        .png()
        .toBuffer(),
    ),
    /is a PNG image: send plain text/,
  ],
  ['a picture of lines', utf8('<svg xmlns="http://www.w3.org/2000/svg"/>'), /an SVG image/],
  ['data', utf8('<?xml version="1.0"?><feed/>'), /an XML file/],
  ['RTF', utf8('{\\rtf1\\ansi Text}'), /an RTF document: save it as \.docx/],
  ['PostScript', utf8('%!PS-Adobe-3.0'), /PostScript/],
  ['a compressed file', Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]), /is a GZ file/],
  ['rubbish', rubbish, /no text and of no type that is known/],
  ['rubbish without zeros', rubbish.map((byte) => byte || 1), /no text and of no type that is known/],
])('refuses %s by another name', async (_name, file, message) => {
  await expectRefusal(file, 'unsupported_media_type', message, { name: 'a.txt', type: 'text/plain' });
});

test('a file without text is refused', async () => {
  await expectRefusal(new Uint8Array(), 'invalid_input', /is empty/);
  await expectRefusal(utf8(' \n\ufeff\n'), 'invalid_input', /holds no text/);
});
