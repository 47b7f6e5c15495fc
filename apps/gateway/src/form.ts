import { escapeToken } from '@slipway/contract/parse';
import { CodedError, type Fault } from '@slipway/contract/problems';
import type { HonoRequest } from 'hono';

export interface Form {
  /** The text parts that were sent, by name. */
  fields: Record<string, string>;
  file: UploadedFile | undefined;
}

export interface UploadedFile {
  bytes: Uint8Array;
  name?: string;
  /** The media type as the part says it; `text/plain` where it says none (RFC 7578 section 4.4). */
  type?: string;
}

const textParts = new Set(['task', 'options', 'input', 'deadline', 'timeLimitMs', 'priority', 'tags', 'webhook']);
const takes = ['file', ...textParts].join(', ');

const mostParts = 32;
/** The header lines of one part, in bytes. */
const maxHeadBytes = 16_384;
/** What follows the last delimiter. */
const closing = Buffer.from('--');

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function isForm(request: HonoRequest): boolean {
  return /^multipart\/form-data\s*(?:;|$)/i.test(request.header('content-type') ?? '');
}

/**
 * Reads a `multipart/form-data` body (RFC 7578): a file in the part `file`, the rest as text. Throws CodedError
 * `unsupported_media_type`, `invalid_request`, `invalid_encoding`, or `invalid_input` with a fault at `/<part>` for
 * parts that are not known, come twice, or are a text where a file must be.
 */
export async function readForm(request: HonoRequest): Promise<Form> {
  if (!isForm(request))
    throw new CodedError('unsupported_media_type', 'Send the body as Content-Type: multipart/form-data.');
  const type = request.header('content-type') ?? '';
  const body = Buffer.from(await request.arrayBuffer());
  checkShape(body, type);
  const parts = await parse(body, type);
  checkParts(parts);
  const fields: Record<string, string> = {};
  for (const [name, value] of parts) if (textParts.has(name)) fields[name] = await readText(name, value, body);
  return { fields, file: await readFile(parts.get('file')) };
}

/** What would cost the parser, and with it the event loop, far more than its bytes are worth. */
function checkShape(body: Buffer, type: string): void {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(type)?.slice(1).find(Boolean);
  if (boundary === undefined)
    throw new CodedError('invalid_request', 'The Content-Type has no boundary. Let the HTTP library set this header.');
  const delimiter = `--${boundary}`;
  let count = 0;
  for (let at = body.indexOf(delimiter); at >= 0; at = body.indexOf(delimiter, at + delimiter.length)) {
    count += 1;
    if (count > mostParts) throw new CodedError('invalid_request', `The form has too many parts. Send ${takes}.`);
    const head = body.subarray(at + delimiter.length, at + delimiter.length + maxHeadBytes);
    if (!head.includes('\r\n\r\n') && !head.subarray(0, 2).equals(closing)) throw malformed();
  }
}

async function parse(body: Buffer<ArrayBuffer>, type: string): Promise<FormData> {
  try {
    return await new Response(body, { headers: { 'Content-Type': type } }).formData();
  } catch (cause) {
    throw malformed(cause);
  }
}

function checkParts(parts: FormData): void {
  const faults: Fault[] = [];
  for (const name of new Set(parts.keys())) {
    const pointer = `/${escapeToken(name)}`;
    if (name !== 'file' && !textParts.has(name)) faults.push({ pointer, message: `is not known; send ${takes}` });
    else if (parts.getAll(name).length > 1) faults.push({ pointer, message: 'is sent more than once' });
    else if (name === 'file' && typeof parts.get(name) === 'string')
      faults.push({ pointer, message: 'must be a file; give the part a filename' });
  }
  const [first] = faults;
  if (first) throw new CodedError('invalid_input', `${first.pointer} ${first.message}.`, { faults });
}

/** The parser puts U+FFFD for broken bytes without a word; a text that holds it must stand in the body to the letter. */
async function readText(name: string, value: File | string, body: Buffer): Promise<string> {
  if (typeof value === 'string') {
    if (value.includes('\ufffd') && !body.includes(`\r\n\r\n${value}\r\n--`)) throw notUtf8(name);
    return value;
  }
  // FormData of browsers makes a file of a Blob, which is how JSON gets a media type there
  try {
    return utf8.decode(await value.arrayBuffer());
  } catch {
    throw notUtf8(name);
  }
}

/** A browser sends an empty file without a name for a field that was left empty. */
async function readFile(value: File | string | null | undefined): Promise<UploadedFile | undefined> {
  if (!value || typeof value === 'string' || (value.name === '' && value.size === 0)) return undefined;
  const bytes = new Uint8Array(await value.arrayBuffer());
  return { bytes, ...(value.name && { name: value.name }), ...(value.type && { type: value.type }) };
}

const malformed = (cause?: unknown) =>
  new CodedError('invalid_request', 'The body is not well-formed multipart/form-data.', { cause });
const notUtf8 = (name: string) => new CodedError('invalid_encoding', `The part ${name} must be UTF-8.`);
