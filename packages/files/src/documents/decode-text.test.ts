import { expect, test } from 'vitest';
import { readDocument } from './read.ts';
import { utf8 } from './test-faults.ts';

const languages = {
  german: 'Die Äpfel fallen in großen Mengen, und über den Dächern – „so schön“ – fliegen müde Vögel nach Süden. ',
  french: 'L’été était passé, et déjà les garçons n’allaient plus à la forêt où ils avaient rêvé. ',
  russian: 'Съешь же ещё этих мягких французских булок да выпей чаю, сказал он и ушёл в большой старый дом. ',
  japanese: '吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。',
  chinese: '从前有一个人,他住在山上的一间小屋里。每天早上他都去河边打水,然后回家做饭。',
  taiwanese: '從前有一個人,他住在山上的一間小屋裡。每天早上他都去河邊打水,然後回家做飯。',
  korean: '나는 고양이로소이다. 이름은 아직 없다. 어디서 태어났는지 도무지 짐작이 가지 않는다. ',
};

/** Node encodes only to UTF-8 and UTF-16; for the others the decoder is read backwards. */
function encode(text: string, encoding: string): Uint8Array<ArrayBuffer> {
  const decoder = new TextDecoder(encoding);
  const codes = new Map<string, number[]>();
  const add = (...bytes: number[]) => {
    const decoded = decoder.decode(Uint8Array.from(bytes));
    if (!codes.has(decoded)) codes.set(decoded, bytes);
  };
  for (let a = 0; a < 256; a += 1) add(a);
  if (!/^(?:windows|koi8)/.test(encoding))
    for (let a = 0x81; a < 255; a += 1) for (let b = 0x40; b < 255; b += 1) add(a, b);
  return Uint8Array.from([...text].flatMap((character) => codes.get(character) ?? fail(character)));
}

function fail(character: string): never {
  throw new Error(`${character} is not in that encoding`);
}

test.each([
  ['windows-1252', languages.german],
  ['windows-1252', languages.french],
  ['windows-1251', languages.russian],
  ['koi8-r', languages.russian.replace(/[–„“]/g, '')],
  ['shift_jis', languages.japanese],
  ['euc-jp', languages.japanese],
  ['gb18030', languages.chinese],
  ['big5', languages.taiwanese],
  ['euc-kr', languages.korean],
])('%s is told from its bytes', async (encoding, text) => {
  expect(await readDocument(encode(text.repeat(3), encoding), { name: 'a.txt' })).toBe(text.repeat(3).trim());
});

test('a letter of a few words is enough where it can be no other', async () => {
  expect(await readDocument(encode('Café au lait', 'windows-1252'), {})).toBe('Café au lait');
});

test.each(Object.entries(languages))('UTF-16 both ways, with and without a mark: %s', async (_language, text) => {
  for (const content of [`${text}\n${text}`, `\ufeff${text}\n${text}`]) {
    const little = Buffer.from(content, 'utf16le');
    expect(await readDocument(new Uint8Array(little), {})).toBe(`${text.trim()}\n${text.trim()}`);
    expect(await readDocument(new Uint8Array(Buffer.from(little).swap16()), {})).toBe(`${text.trim()}\n${text.trim()}`);
  }
});

test('a page is read as it says, where it is not UTF-8', async () => {
  const page = (charset: string) => `<html><head><meta charset="${charset}"></head><p>ёлка</p></html>`;
  expect(await readDocument(encode(page('koi8-r'), 'koi8-r'), {})).toBe('ёлка');
  expect(await readDocument(encode('<p>ёлка</p>', 'koi8-r'), { type: 'text/html; charset=KOI8-R' })).toBe('ёлка');
  expect(await readDocument(utf8(page('windows-1251')), {})).toBe('ёлка');
});

test('a page that says nothing is told from its words', async () => {
  const html = `<html><body class="wide">${`<p class="paragraph">${languages.russian}</p>`.repeat(3)}</body></html>`;
  expect(await readDocument(encode(html, 'windows-1251'), {})).toContain(languages.russian.trim());
});

test('the Japanese of old mails, which is ASCII byte by byte', async () => {
  const hello = Uint8Array.from([0x1b, 0x24, 0x42, 0x46, 0x7c, 0x4b, 0x5c, 0x1b, 0x28, 0x42]);
  expect(await readDocument(hello, {})).toBe('日本');
});
