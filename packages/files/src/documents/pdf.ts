import { CodedError } from '@slipway/contract/problems';
import { maxTextLength } from '@slipway/contract/text';
import type { PDFDocumentProxy } from 'unpdf/pdfjs';
import { unreadable } from './faults.ts';
import { type Line, linesOf } from './pdf-lines.ts';
import { paragraphsOf } from './pdf-paragraphs.ts';

/** Most pages that are read. */
export const maxPages = 2_000;

/** Reading stops where this much text was found, in UTF-16 code units: it is too long anyway. */
const plenty = 5 * maxTextLength;

/** The text of a PDF, page after page. */
export async function readPdf(bytes: Uint8Array): Promise<string> {
  if (!hasEnd(bytes)) throw unreadable('is a PDF that was cut off, its end is missing: send it whole');
  const { getDocument } = await import('unpdf/pdfjs');
  const side = { lacksTable: false };
  const task = getDocument({
    data: new Uint8Array(bytes), // a copy, because PDF.js takes the buffer away from its owner
    verbosity: 0, // it would print warnings
    disableFontFace: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    BinaryDataFactory: sideFiles(side),
  });
  try {
    const text = paragraphsOf(await readPages(await task.promise)).join('\n\n');
    if (side.lacksTable) throw unreadable(inOldEncoding);
    if (text === '') throw unreadable(withoutText);
    return text;
  } catch (error) {
    throw refusal(error);
  } finally {
    await task.destroy();
  }
}

const withoutText = 'is a PDF without text, probably a scan: run text recognition (OCR) on it and send the result';
const inOldEncoding =
  'is a PDF with a Chinese, Japanese or Korean font that does not say what its letters are: print it \
to a new PDF with the fonts embedded, or run text recognition (OCR) on it';

/**
 * Where PDF.js asks for the files beside it, of which there are none here. It goes on without: a standard font it can
 * do without, but without the table of an East Asian encoding it would leave out that font's text.
 */
function sideFiles(side: { lacksTable: boolean }) {
  return class {
    async fetch({ kind }: { kind: string }): Promise<never> {
      side.lacksTable ||= kind === 'cMapUrl';
      throw new Error('no side files');
    }
  };
}

async function readPages(document: PDFDocumentProxy): Promise<Line[][]> {
  const { numPages } = document;
  if (numPages > maxPages) throw unreadable(`has ${numPages} pages; at most ${maxPages} are read: split it`);
  const pages: Line[][] = [];
  let length = 0;
  for (let number = 1; number <= numPages; number += 1) {
    const page = await document.getPage(number);
    const lines = linesOf((await page.getTextContent()).items);
    page.cleanup();
    pages.push(lines);
    length += lines.reduce((sum, { text }) => sum + text.length, 0);
    if (length > plenty)
      throw unreadable(`has more than ${plenty} characters of text, ${maxTextLength} are taken: split it`);
  }
  return pages;
}

/** PDF.js mends a file without its end by searching for what is left, and would give half of the text as if it was all. */
function hasEnd(bytes: Uint8Array): boolean {
  const end = Buffer.from(bytes.subarray(-4_096)).toString('latin1');
  return end.includes('%%EOF') || end.includes('startxref');
}

/** By name: the classes of a library that is loaded late are not at hand for `instanceof`. */
function refusal(error: unknown): unknown {
  if (error instanceof CodedError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'PasswordException')
    return unreadable('is an encrypted PDF: remove its password and send it again', error);
  return unreadable('is a broken PDF: save it anew and send it again', error);
}
