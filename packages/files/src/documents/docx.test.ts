import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { readDocument } from './read.ts';
import { declaring, docx, paragraph } from './test-docx.ts';
import { expectRefusal, utf8 } from './test-faults.ts';

test('headings, paragraphs, list items and table rows', async () => {
  const cell = (text: string) => `<w:tc>${paragraph(text)}</w:tc>`;
  const row = (...texts: string[]) => `<w:tr>${texts.map(cell).join('')}</w:tr>`;
  const body = [
    paragraph('The harbour', 'Heading1'),
    paragraph('Built &amp; used.'),
    paragraph('Second.'),
    `<w:tbl>${row('Year', 'Ships')}${row('1820', '12')}</w:tbl>`,
    paragraph('The end.'),
  ];
  expect(await readDocument(docx(body.join('')), {})).toBe(
    'The harbour\n\nBuilt & used.\n\nSecond.\n\nYear | Ships\n1820 | 12\n\nThe end.',
  );
});

test('half of a surrogate pair is replaced', async () => {
  expect(await readDocument(docx(paragraph('A half: &#xD83D;!')), {})).toBe('A half: \ufffd!');
});

test('a wrong name and type do not matter', async () => {
  const hint = { name: 'report.pdf', type: 'application/octet-stream' };
  expect(await readDocument(docx(paragraph('Read.')), hint)).toBe('Read.');
});

test('pictures and other parts are never unpacked, whatever they would unfold to', async () => {
  const file = docx(paragraph('Small.'), { 'word/media/a.png': utf8('a picture'), 'customXml/a.xml': utf8('more') });
  // that neither is what it says would be found by unpacking it
  const lying = declaring(declaring(file, 'word/media/a.png', 1e9), 'customXml/a.xml', 1e9);
  expect(await readDocument(lying, {})).toBe('Small.');
});

test.each<[string, () => Uint8Array, RegExp]>([
  [
    'a bomb',
    () => declaring(docx('', { 'word/b.xml': utf8('x') }), 'word/b.xml', 33 * 1024 ** 2),
    /to 34 MB; at most 32/,
  ],
  [
    'a bomb that lies',
    () => declaring(docx('', { 'word/b.xml': new Uint8Array(1024 ** 2) }), 'word/b.xml', 100),
    /broken/,
  ],
  ['a part that ends too early', () => declaring(docx('', { 'word/b.xml': utf8('xx') }), 'word/b.xml', 100), /broken/],
  ['many entries', () => docx('', Object.fromEntries(range(5_001).map((i) => [`${i}`, utf8('')]))), /5004 entries/],
  ['one that was cut', () => docx(paragraph('x'.repeat(5_000))).subarray(0, 700), /broken or cut off/],
  ['one without text', () => docx(paragraph(' ')), /without text/],
  ['broken XML', () => docx('<w:p><w:r></w:p>'), /broken Word document/],
  ['its own words', () => docx('', { 'word/styles.xml': strToU8('<!DOCTYPE a [<!ENTITY b "c">]><a/>') }), /DOCTYPE/],
  ['tags without end', () => docx('<w:p/>'.repeat(1_000_001)), /tags inside; at most 1000000/],
  ['deep nesting', () => docx('<w:ins>'.repeat(50_000) + '</w:ins>'.repeat(50_000)), /nested too deeply/],
])('refuses %s', async (_name, file, message) => {
  await expectRefusal(file(), 'invalid_input', message);
});

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

test('a byte that changed is found by the checksum', async () => {
  const file = docx(paragraph('Read.'), { 'word/b.xml': [utf8('stored'), { level: 0 }] });
  const changed = Buffer.from(file);
  changed.write('STORED', changed.indexOf('stored'));
  await expectRefusal(new Uint8Array(changed), 'invalid_input', /broken/);
});

test.each([
  ['xl/workbook.xml', /an Excel workbook \(\.xlsx\): send plain text, Markdown/],
  ['ppt/presentation.xml', /a PowerPoint presentation \(\.pptx\): save it as PDF/],
  ['content.xml', /an OpenDocument file: save it as \.docx or PDF/],
  ['a.txt', /a zip archive: unpack it/],
])('an archive with %s is told what it is', async (entry, message) => {
  const archive = zipSync(Object.fromEntries([[entry, utf8('x')]]));
  await expectRefusal(archive, 'unsupported_media_type', message, { name: 'a.docx' });
});

test('a name that JavaScript objects know is but a name', async () => {
  const archive = Buffer.from(docx(paragraph('Read.'), { 'word/xxproto__.xml': utf8('<a/>') })).toString('latin1');
  const file = Buffer.from(archive.replaceAll('word/xxproto__.xml', 'word/__proto__.xml'), 'latin1');
  expect(await readDocument(new Uint8Array(file), {})).toBe('Read.');
});

const ole = (stream: string) =>
  Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600), Buffer.from(stream, 'utf16le')]);
test('a container of old Office programs is told what it is', async () => {
  await expectRefusal(ole('EncryptedPackage'), 'invalid_input', /is encrypted: remove its password/);
  await expectRefusal(ole('WordDocument'), 'unsupported_media_type', /old Word document \(\.doc\): save it as \.docx/);
  await expectRefusal(ole('Workbook'), 'unsupported_media_type', /old Excel workbook/);
  await expectRefusal(ole('Other'), 'unsupported_media_type', /an OLE file/);
});
