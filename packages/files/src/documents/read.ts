import { maxTextLength } from '@slipway/contract/text';
import { decodeText } from './decode-text.ts';
import { unreadable } from './faults.ts';
import { type Hint, kindOf } from './kind.ts';
import { tidy } from './tidy.ts';

/**
 * A document's text: paragraphs separated by an empty line, well-formed, without control characters, at most
 * `maxTextLength` long. The content decides what it is, then its name, then its media type. Throws CodedError
 * `unsupported_media_type` or `invalid_input` with one fault at `/file`. It neither limits its own time nor, but for
 * the cheap bounds, its memory: run it where both are limited.
 */
export async function readDocument(bytes: Uint8Array, hint: Hint): Promise<string> {
  if (bytes.length === 0) throw unreadable('is empty: send one that has content');
  const text = tidy(await extract(bytes, hint));
  if (text === '') throw unreadable('holds no text: send one that does');
  if (text.length > maxTextLength) throw unreadable(tooLong(text.length));
  return text;
}

async function extract(bytes: Uint8Array, hint: Hint): Promise<string> {
  const kind = await kindOf(bytes, hint);
  try {
    // each library is loaded only for a file that needs it
    if (kind === 'pdf') return await (await import('./pdf.ts')).readPdf(bytes);
    if (kind === 'zip') return await (await import('./docx.ts')).readDocx(bytes);
    const text = await decodeText(bytes, { type: hint.type, html: kind === 'html' });
    if (kind === 'html') return (await import('./html.ts')).readHtml(text);
    if (kind === 'markdown') return (await import('./markdown.ts')).readMarkdown(text);
    return text;
  } catch (error) {
    throw error instanceof RangeError ? unreadable('is nested too deeply: simplify it', error) : error;
  }
}

function tooLong(length: number): string {
  const [has, most] = [length, maxTextLength].map((count) => count.toLocaleString('en'));
  return `has ${has} characters of text; at most ${most} are taken: split it`;
}
