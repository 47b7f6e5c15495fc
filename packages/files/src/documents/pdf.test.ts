import { expect, test } from 'vitest';
import { readDocument } from './read.ts';
import { expectRefusal } from './test-faults.ts';
import { assemble, lines, pdf } from './test-pdf.ts';

const harbour = ['The harbour was built by the town after two great storms, and fishing', 'boats have used it since.'];

test('the pages, one after the other', async () => {
  const file = pdf([lines(['First page of it.']), lines(['Second page.']), lines(['And (third) \\ page.'])]);
  expect(await readDocument(file, {})).toBe('First page of it.\n\nSecond page.\n\nAnd (third) \\ page.');
});

test('lines of a paragraph are joined, paragraphs and headings stand alone', async () => {
  const heading = lines(['The harbour'], { size: 18, top: 734 });
  const file = pdf([`${heading}\n${lines([...harbour, '', ...harbour])}`]);
  expect(await readDocument(file, {})).toBe(['The harbour', harbour.join(' '), harbour.join(' ')].join('\n\n'));
});

test('a wider step alone begins a paragraph, a first line set in does too', async () => {
  const [full = ''] = harbour;
  const spaced = lines([`${full} -`, `${full}.`, '', `${full} -`, `${full}.`]);
  const joined = `${full} - ${full}.`;
  expect(await readDocument(pdf([spaced]), {})).toBe(`${joined}\n\n${joined}`);
  const indented = `${lines([`${full} -`, `${full}.`])}\n${lines([`${full}`], { left: 90, top: 696 })}`;
  expect(await readDocument(pdf([indented]), {})).toBe(`${joined}\n\n${full}`);
});

test('a word that was divided at a line or page end is whole again, a sentence goes on over both', async () => {
  const file = pdf([
    lines(['The town built its harb-', 'our after a storm that', 'came from the east']),
    lines(['and it was used from then on by fish-', 'ing boats. A well-known', 'E-', 'Mail.']),
  ]);
  expect(await readDocument(file, {})).toBe(
    'The town built its harbour after a storm that came from the east and it was used from then on by fishing boats. A well-known E- Mail.',
  );
});

test('list items are paragraphs, and the number of a page is left out', async () => {
  const page = (number: number) => lines(['They sold:', '- herring', '- cod', '', '', String(number)]);
  expect(await readDocument(pdf([page(1), page(2)]), {})).toBe(
    ['They sold:', '- herring', '- cod', 'They sold:', '- herring', '- cod'].join('\n\n'),
  );
});

test('two columns come in the order they were drawn in', async () => {
  const left = lines(['Left one is here,', 'and goes on.']);
  const right = lines(['Right one is here,', 'and goes on too.'], { left: 320 });
  expect(await readDocument(pdf([`${left}\n${right}`]), {})).toBe(
    'Left one is here, and goes on.\n\nRight one is here, and goes on too.',
  );
});

test('what may be opened without a password is read, the rest is refused', async () => {
  expect(await readDocument(pdf([lines(['Not to be printed.'])], { password: '' }), {})).toBe('Not to be printed.');
  await expectRefusal(
    pdf([lines(['Secret.'])], { password: 'open' }),
    'invalid_input',
    /encrypted PDF: remove its pass/,
  );
});

test('the bytes stay with their owner', async () => {
  const file = Buffer.from(pdf([lines(['Kept.'])]));
  await readDocument(file, {});
  expect(file.subarray(0, 5).toString()).toBe('%PDF-');
});

test('an xref table that points elsewhere is mended', async () => {
  const text = Buffer.from(pdf([lines(['Found all the same.'])])).toString('latin1');
  const file = Buffer.from(
    text.replace(/(startxref\n)\d+/, '$1999999').replaceAll(/\d{10} 00000 n/g, '0000000001 00000 n'),
  );
  expect(await readDocument(file, {})).toBe('Found all the same.');
});

test('a file that goes past itself, page tree in page tree, ends', async () => {
  const file = assemble(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>']);
  await expectRefusal(file, 'invalid_input', /PDF/);
});

const whole = pdf([lines(Array.from({ length: 50 }, () => harbour.join(' ')))]);
const oldFont = [
  '<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /GBK-EUC-H /DescendantFonts [4 0 R] >>',
  '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Song /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 5 0 R >>',
  '<< /Type /FontDescriptor /FontName /Song /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0 /Ascent 800 /Descent 0 /CapHeight 700 /StemV 80 >>',
];
test.each<[string, Uint8Array, RegExp]>([
  ['a scan', pdf(['0 0 612 792 re f']), /without text, probably a scan: run text recognition \(OCR\)/],
  ['one that was cut', whole.subarray(0, whole.length / 2), /cut off/],
  ['rubbish that ends like one', new Uint8Array(Buffer.from('%PDF-1.7\nno objects\n%%EOF')), /broken PDF/],
  ['too many pages', pdf(Array.from({ length: 2_001 }, () => '')), /2001 pages; at most 2000/],
  [
    'letters that only a table would tell',
    pdf(['BT /F1 9 Tf <C4E3> Tj ET'], { font: oldFont }),
    /does not say what its/,
  ],
])('refuses %s', async (_name, file, message) => {
  await expectRefusal(file, 'invalid_input', message);
});
