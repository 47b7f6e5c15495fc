import fc from 'fast-check';

/** Planted in what is sent: where an answer holds it, the answer tells what it was told. */
export const marker = 'kraken7q';

const planted = (text: string) => `${marker}${text}`;

/** Of all planes and all scripts, halves of surrogate pairs, control characters, empty ones and some that are special. */
export const strings: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }).map(planted),
  fc.string({ unit: 'grapheme', maxLength: 40 }).map(planted),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 })
    .map((units) => planted(String.fromCharCode(...units))),
  fc.constantFrom(
    '',
    ' \n\t',
    '\0',
    '\ud800',
    '\udc00\ud800',
    '\ufeff',
    'null',
    '-1',
    '0',
    'Ünïcödé',
    '../../etc/passwd',
  ),
  fc.constantFrom(
    '<script>',
    "';--",

    '{{7*7}}',
    '%00',
    '%',
    'a'.repeat(300),
    planted('\r\nX: y'),
    '__proto__',
  ),
);

/** What HTTP lets into the value of a header. */
export const headerTexts: fc.Arbitrary<string> = fc.oneof(
  strings.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim()),
  fc.constantFrom('', '*', '0', '-1', 'W/"x"', '"', '"x", W/"y"', ',,,', 'a'.repeat(5_000), '\xff', 'null', '1e99'),
);
