import type { CodedError } from '@slipway/contract/problems';
import { type Context, Hono } from 'hono';
import { expect, test } from 'vitest';
import { type Form, readForm } from './form.ts';

async function form(body: NonNullable<RequestInit['body']>, type?: string): Promise<Form> {
  let read: Promise<Form> | undefined;
  const app = new Hono().post('/', async (c: Context) => {
    read = readForm(c.req);
    await read.catch(() => {});
    return c.body(null);
  });
  await app.request('/', { method: 'POST', body, headers: type === undefined ? {} : { 'Content-Type': type } });
  if (!read) throw new Error('the route was not reached');
  return await read;
}

/** A body as programs write it, from the headers after "Content-Disposition: form-data" and the content of each part. */
function raw(...parts: [head: string, content: string | Buffer][]): Promise<Form> {
  const chunks = parts.flatMap(([head, content]) => [
    `--line\r\nContent-Disposition: form-data; ${head}\r\n\r\n`,
    content,
    '\r\n',
  ]);
  return send([...chunks, '--line--\r\n']);
}
const send = (chunks: (string | Buffer)[], type = 'multipart/form-data; boundary=line') =>
  form(Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk))), type);
const refusal = (reading: Promise<Form>): Promise<CodedError> =>
  reading.then(
    () => expect.unreachable('it was read'),
    (error) => error,
  );

const bytes = Buffer.from([0x25, 0x50, 0x44, 0x46, 0x0d, 0x0a, 0xff, 0x00, 0x0d, 0x0a]);
const file = (head: string, content: string | Buffer = bytes) => raw([`name="file"; ${head}`, content]);

test('the FormData of browsers and Node', async () => {
  const data = new FormData();
  data.append('file', new File([bytes], 'smlouva "č. 1".pdf', { type: 'application/pdf' }));
  data.append('task', 'summarize');
  data.append('options', new Blob(['{"length":"short"}'], { type: 'application/json' }));
  const { fields, file } = await form(data);
  expect(fields).toEqual({ task: 'summarize', options: '{"length":"short"}' });
  expect(file).toMatchObject({ name: 'smlouva "č. 1".pdf', type: 'application/pdf' });
  expect(Buffer.from(file?.bytes ?? []).equals(bytes)).toBe(true);
});

test('curl -F: parts in any order, text as it is', async () => {
  const { fields, file } = await raw(
    ['name="task"', 'summarize'],
    ['name="file"; filename="x.pdf"\r\nContent-Type: application/pdf', bytes],
    ['name="input"', ' {"text":\r\n"漢字"} \r\n'],
    ['name="deadline"', '2030-01-31T12:00:00Z'],
    ['name="timeLimitMs"', ''],
  );
  expect(fields).toEqual({
    task: 'summarize',
    input: ' {"text":\r\n"漢字"} \r\n',
    deadline: '2030-01-31T12:00:00Z',
    timeLimitMs: '',
  });
  expect(file).toMatchObject({ name: 'x.pdf', type: 'application/pdf' });
});

test('Python requests: no media type, a boundary in quotes', async () => {
  const chunks = [
    '--a b\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n',
    bytes,
    '\r\n--a b--\r\n',
  ];
  const { file } = await send(chunks, 'Multipart/Form-Data; charset=x; boundary="a b"');
  expect(file).toMatchObject({ name: 'x.pdf', type: 'text/plain' });
  expect(Buffer.from(file?.bytes ?? []).equals(bytes)).toBe(true);
});

test.each([
  ['UTF-8', 'filename="smlouva č.pdf"', 'smlouva č.pdf'],
  ['RFC 5987', "filename*=UTF-8''smlouva%20%C4%8D.pdf", 'smlouva č.pdf'],
  ['both', `filename="smlouva.pdf"; filename*=UTF-8''smlouva%20%C4%8D.pdf`, 'smlouva č.pdf'],
  ['a semicolon', 'filename="a;b.pdf"', 'a;b.pdf'],
  ['empty', 'filename=""', undefined],
])('the name of a file: %s', async (_what, head, name) => {
  expect((await file(head)).file?.name).toBe(name);
});

test('an empty file is one, a field that was left empty is none', async () => {
  expect((await file('filename="a.txt"', '')).file?.bytes.length).toBe(0);
  expect((await file('filename=""\r\nContent-Type: application/octet-stream', '')).file).toBeUndefined();
  expect(await raw(['name="task"', 'x'])).toEqual({ fields: { task: 'x' }, file: undefined });
});

test.each([
  ['an unknown part', ['name="file[]"; filename="a"', 'x'], '/file[]', /is not known; send file, task, options, input/],
  ['a part of Object.prototype', ['name="constructor"', 'x'], '/constructor', /is not known/],
  ['a long strange name', [`name="~/${'x'.repeat(99)}"`, 'x'], `/~0~1${'x'.repeat(62)}`, /is not known/],
  ['a text for the file', ['name="file"', 'x'], '/file', /must be a file/],
] as [string, [string, string], string, RegExp][])('%s is refused', async (_what, part, pointer, message) => {
  expect(await refusal(raw(['name="task"', 'x'], part))).toMatchObject({
    code: 'invalid_input',
    faults: [{ pointer, message: expect.stringMatching(message) }],
  });
});

test('parts that come twice are refused, all of them told', async () => {
  const twice = (head: string): [string, string] => [head, 'x'];
  const parts = ['name="task"', 'name="file"; filename="a"'].map(twice);
  expect((await refusal(raw(...parts, ...parts))).faults).toEqual([
    { pointer: '/task', message: 'is sent more than once' },
    { pointer: '/file', message: 'is sent more than once' },
  ]);
});

test('text that is not UTF-8 is refused, U+FFFD itself is not', async () => {
  const broken = Buffer.from([0x61, 0xe9]);
  expect(await refusal(raw(['name="task"', broken]))).toMatchObject({ code: 'invalid_encoding' });
  expect(await refusal(raw(['name="options"; filename="blob"', broken]))).toMatchObject({ code: 'invalid_encoding' });
  expect((await raw(['name="input"', 'a\ufffd'])).fields).toEqual({ input: 'a\ufffd' });
});

const head = 'Content-Disposition: form-data; name="task"';
test.each([
  ['no body', ''],
  ['no end', `--line\r\n${head}\r\n\r\nx`],
  ['cut within the headers', `--line\r\n${head}`],
  ['another boundary', `--other\r\n${head}\r\n\r\nx\r\n--other--\r\n`],
  ['bare newlines', `--line\n${head}\n\nx\n--line--\n`],
  ['very many headers', `--line\r\n${'A: b\r\n'.repeat(9_000)}${head}\r\n\r\nx\r\n--line--\r\n`],
  ['very many parts', `${`--line\r\n${head}\r\n\r\nx\r\n`.repeat(33)}--line--\r\n`],
])('malformed: %s', async (_what, body) => {
  expect(await refusal(send([body]))).toMatchObject({ code: 'invalid_request' });
});

test('the Content-Type must be there, with its boundary', async () => {
  expect(await refusal(send(['x'], 'multipart/form-data'))).toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining('boundary'),
  });
  expect(await refusal(send(['x'], 'multipart/form-data-not'))).toMatchObject({ code: 'unsupported_media_type' });
});
