import fc from 'fast-check';
import { oddBodies, spoiled } from './hostile-json.ts';
import { marker, strings } from './strings.ts';

export interface Body {
  /** The Content-Type; undefined for none. */
  type: string | undefined;
  bytes: Uint8Array<ArrayBuffer>;
}

const utf8 = (text: string) => new TextEncoder().encode(text);

export const noBody: Body = { type: undefined, bytes: new Uint8Array() };

/** A value as JSON, as a client sends it. */
export const jsonBodies = (values: fc.Arbitrary<unknown>): fc.Arbitrary<Body> =>
  values.map((value) => ({ type: 'application/json', bytes: utf8(JSON.stringify(value)) }));

const types = fc.constantFrom(
  'application/json',
  'application/json; charset=utf-8',
  'Application/JSON',
  'application/json; charset=utf-16',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'multipart/form-data; boundary="x',
  `multipart/form-data; boundary=${marker}`,
  `application/${marker}`,
  ';',
);

/** Bytes that are no UTF-8 where they stand: a lone byte, half of a surrogate pair, one that is too long, a cut one. */
const broken = fc.constantFrom(
  [0xff],
  [0xed, 0xa0, 0x80],
  [0xc0, 0xaf],
  [0xf0, 0x9f],
  [0xfe, 0xff],
  [0xef, 0xbb, 0xbf],
  [0],
);

const bytesOf = (texts: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 6, arbitrary: texts.map(utf8) },
    fc
      .tuple(texts, broken, fc.nat(200))
      .map(([text, bytes, at]) =>
        Uint8Array.from(Buffer.concat([slice(text, 0, at), Buffer.from(bytes), slice(text, at)])),
      ),
    fc.tuple(texts, fc.nat(100)).map(([text, left]) => utf8(text.slice(0, left))),
    texts.map((text) => Uint8Array.from(Buffer.from(text, 'utf16le'))),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
  );

const slice = (text: string, from: number, to?: number) => Buffer.from(text).subarray(from, to);

/** What looks like such a body and is none, and what does not look like it. */
export const hostileBodies = (values: fc.Arbitrary<unknown>): fc.Arbitrary<Body> =>
  fc.record({
    type: fc.oneof({ weight: 8, arbitrary: fc.constant('application/json') }, types, fc.constant(undefined)),
    bytes: bytesOf(fc.oneof({ weight: 3, arbitrary: spoiled(values) }, oddBodies)),
  });

interface Part {
  name: string;
  value: Uint8Array;
  filename?: string | undefined;
  type?: string | undefined;
}

const boundary = '----formdata-0451';

/** The fields of an upload as a form has them: what is no text as JSON, the file as a file. */
export const forms = (uploads: fc.Arbitrary<unknown>): fc.Arbitrary<Body> =>
  partsOf(uploads).map((parts) => formOf(parts));

function partsOf(uploads: fc.Arbitrary<unknown>): fc.Arbitrary<Part[]> {
  const names = fc.constantFrom('report.txt', 'notes.md', `${marker}.html`, 'letter.docx', 'photo.jpg', '', undefined);
  const fileTypes = fc.constantFrom('text/plain', 'text/html', 'application/pdf', 'image/png', undefined);
  return fc
    .tuple(uploads, names, fileTypes)
    .map(([upload, filename, type]) =>
      Object.entries(upload as Record<string, unknown>).map(([name, value]) =>
        name === 'file'
          ? { name, value: utf8(String(value)), filename: filename ?? 'file', type }
          : { name, value: utf8(typeof value === 'string' ? value : JSON.stringify(value)) },
      ),
    );
}

function formOf(parts: Part[], line = '\r\n'): Body {
  const chunks = parts.flatMap(({ name, value, filename, type }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`;
    const typed = type === undefined ? '' : `${line}Content-Type: ${type}`;
    const head = `--${boundary}${line}Content-Disposition: form-data; name="${name}"${file}${typed}${line}${line}`;
    return [Buffer.from(head), value, Buffer.from(line)];
  });
  const bytes = Uint8Array.from(Buffer.concat([...chunks, Buffer.from(`--${boundary}--${line}`)]));
  return { type: `multipart/form-data; boundary=${boundary}`, bytes };
}

const oddParts: fc.Arbitrary<Part> = fc.record(
  {
    name: fc.oneof(
      fc.constantFrom('file', 'task', 'input', 'options', 'tags', '__proto__', 'constructor', '', '[]'),
      strings,
    ),
    value: bytesOf(fc.oneof(strings, oddBodies)),
    filename: fc.oneof(fc.constantFrom('', '"; name="task', '..\\..\\x', '%22'), strings),
    type: fc.constantFrom(
      'application/json',
      'multipart/mixed; boundary=x',
      'text/plain; charset=utf-16',
      '\r\nX: y',
      marker,
    ),
  },
  { requiredKeys: ['name', 'value'] },
);

/** Forms with parts too many, unknown, twice or broken, with other line ends, cut, or under another boundary. */
export const hostileForms = (uploads: fc.Arbitrary<unknown>): fc.Arbitrary<Body> =>
  fc
    .record({
      parts: partsOf(uploads),
      odd: fc.array(oddParts, { maxLength: 3 }),
      spoil: fc.constantFrom('none', 'twice', 'many', 'line', 'cut', 'boundary', 'preamble', 'no boundary', 'no end'),
      at: fc.nat(400),
    })
    .map(({ parts, odd, spoil, at }) => {
      const all = [...parts, ...odd];
      if (spoil === 'twice') return formOf([...all, ...all]);
      if (spoil === 'many') return formOf(Array.from({ length: 40 }, () => all).flat());
      const form = formOf(all, spoil === 'line' ? '\n' : undefined);
      if (spoil === 'cut') return { ...form, bytes: form.bytes.slice(0, at) };
      if (spoil === 'boundary') return { ...form, type: 'multipart/form-data; boundary=another' };
      if (spoil === 'no boundary') return { ...form, type: 'multipart/form-data' };
      if (spoil === 'no end') return { ...form, bytes: form.bytes.slice(0, -4) };
      if (spoil === 'preamble') return { ...form, bytes: Uint8Array.from([...utf8(`${marker}\r\n`), ...form.bytes]) };
      return form;
    });
