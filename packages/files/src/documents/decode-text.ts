import { analyse } from 'chardet';
import { notText } from './kind.ts';

/** As much of a file as its encoding is guessed from, in bytes. */
const sampleLength = 64 * 1_024;

/** Text has hardly any controls but these, other files are full of them. */
const controls = /(?![\t\n\f\r])\p{Cc}/gu;
/** Unassigned, private or control: what text read in the wrong one of two byte orders turns into. */
const improbable = /(?![\t\n\f\r])[\p{Cn}\p{Co}\p{Cc}]/gu;

/**
 * The text of a text file: by its byte order mark, as UTF-16, as UTF-8, as declared, else as guessed. Throws
 * `unsupported_media_type` where it is none.
 */
export async function decodeText(bytes: Uint8Array, { type = '', html }: { type?: string | undefined; html: boolean }) {
  const text = marked(bytes) ?? (bytes.includes(0) ? utf16(bytes) : unmarked(bytes, declared(bytes, type, html), html));
  // stray ones are dropped later
  if (text === undefined || count(text, controls) > text.length / 100) throw await notText(bytes);
  return text;
}

function marked(bytes: Uint8Array): string | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return new TextDecoder().decode(bytes);
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return undefined;
}

/** Of both byte orders the one that gives fewer improbable characters, if these are few. */
function utf16(bytes: Uint8Array): string | undefined {
  const [best] = ['utf-16le', 'utf-16be']
    .map((encoding) => strictly(encoding, bytes))
    .filter((text) => text !== undefined)
    .map((text) => ({ text, faults: count(text, improbable) }))
    .toSorted((a, b) => a.faults - b.faults);
  return best && best.faults <= best.text.length / 100 ? best.text : undefined;
}

function unmarked(bytes: Uint8Array, charset: string | undefined, html: boolean): string {
  const escapes = bytes.includes(0x1b); // ISO-2022-JP, which is also valid ASCII
  const utf8 = escapes ? undefined : strictly('utf-8', bytes);
  if (utf8 !== undefined) return utf8;
  const byLabel = charset === undefined ? undefined : strictly(charset, bytes);
  if (byLabel !== undefined) return byLabel;
  const guesses = analyse(sample(bytes, html)).map(({ name }) => name);
  for (const guess of guesses) {
    const text = strictly(guess, bytes);
    if (text !== undefined) return text;
  }
  return new TextDecoder(known(charset ?? guesses[0]) ?? 'windows-1252').decode(bytes);
}

/** What the sender or the page itself says of the encoding. */
function declared(bytes: Uint8Array, type: string, html: boolean): string | undefined {
  const head = html ? Buffer.from(bytes.subarray(0, 4_096)).toString('latin1') : '';
  const inPage = /<meta\b[^>]*\bcharset\s*=\s*["']?\s*([\w.:-]+)|<\?xml\b[^>]*\bencoding\s*=\s*["']([\w.:-]+)/i.exec(
    head,
  );
  return known(/;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(type)?.[1] ?? inPage?.[1] ?? inPage?.[2]);
}

/** From the first byte that is not ASCII on, without the tags of a page, which are ASCII in every language. */
function sample(bytes: Uint8Array, html: boolean): Uint8Array {
  if (html) {
    const words = Buffer.from(bytes.subarray(0, 16 * sampleLength))
      .toString('latin1')
      .replace(/<[^<>]*>/g, ' ');
    return sample(Buffer.from(words, 'latin1'), false);
  }
  const first = bytes.findIndex((byte) => byte > 0x7f || byte === 0x1b);
  return bytes.subarray(Math.max(0, first - 64), first + sampleLength);
}

function strictly(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined; // not in this encoding, or it is one that the decoder does not know
  }
}

function known(label: string | undefined): string | undefined {
  try {
    return label === undefined ? undefined : new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (const _ of text.matchAll(pattern)) found += 1;
  return found;
}
