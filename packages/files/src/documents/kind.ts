import { fileTypeFromBuffer } from 'file-type';
import { unreadable, unsupported } from './faults.ts';

/** What the sender says of a file; used only where its content does not tell. */
export interface Hint {
  name?: string;
  /** Media type, with its parameters. */
  type?: string;
}

export type Kind = 'pdf' | 'zip' | 'html' | 'markdown' | 'text';

/** How far into a file its type is looked for, in bytes. */
const headLength = 4_096;

const endings: Record<string, Kind> = {
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  md: 'markdown',
  markdown: 'markdown',
};
const types: Record<string, Kind> = {
  'text/html': 'html',
  'application/xhtml+xml': 'html',
  'text/markdown': 'markdown',
  'text/x-markdown': 'markdown',
};
/** Endings of plain text, which a wrong media type must not overrule. */
const plain = new Set(['txt', 'text', 'log']);

/** What may stand before the first element of a page. */
const prologue = /^(?:\s|<\?xml[^>]*>|<!--[\s\S]*?-->)*/i;

/** How a file is to be read. Throws for those that are not; binary files that it does not know are left to the decoder. */
export async function kindOf(bytes: Uint8Array, { name = '', type = '' }: Hint): Promise<Kind> {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, headLength)).toString('latin1');
  const ending = /\.([a-z]+)\s*$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  // readers of PDF accept one KB of other things before it; a text about PDF files is none
  const pdfAt = head.slice(0, 1_024).search(/%PDF-\d/);
  if (pdfAt === 0 || (pdfAt > 0 && !plain.has(ending) && !(ending in endings))) return 'pdf';
  if (head.startsWith('PK\x03\x04') || head.startsWith('PK\x05\x06')) return 'zip';
  if (head.startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) throw compound(bytes);
  if (head.startsWith('{\\rtf')) throw unsupported('an RTF document', 'save it as .docx or PDF');
  if (head.startsWith('%!PS')) throw unsupported('a PostScript document', 'save it as PDF');

  const start = head.replace(/^\xef\xbb\xbf|^\xff\xfe|^\xfe\xff/, '').replaceAll('\0', '');
  const content = start.replace(prologue, '');
  if (/^<(?:!doctype\s+html|html|head|body)\b/i.test(content)) return 'html';
  if (/^<svg\b/i.test(content)) throw unsupported('an SVG image');
  if (/^\s*<\?xml\b/i.test(start) && endings[ending] !== 'html') throw unsupported('an XML file');
  if (plain.has(ending)) return 'text';
  return endings[ending] ?? types[type.split(';')[0]?.trim().toLowerCase() ?? ''] ?? 'text';
}

/** What stands before "file" in an OLE container, by the UTF-16 names of its streams. */
function compound(bytes: Uint8Array): Error {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const holds = (name: string) => content.includes(Buffer.from(name, 'utf16le'));
  if (holds('EncryptedPackage')) return unreadable('is encrypted: remove its password and send it again');
  if (holds('WordDocument')) return unsupported('an old Word document (.doc)', 'save it as .docx or PDF');
  if (holds('Workbook')) return unsupported('an old Excel workbook (.xls)');
  if (holds('PowerPoint Document')) return unsupported('an old PowerPoint presentation (.ppt)', 'save it as PDF');
  return unsupported('an OLE file, perhaps of an old Office program', 'save it as .docx or PDF');
}

/** The refusal of a file that is no text, with what it is where that can be told. */
export async function notText(bytes: Uint8Array): Promise<Error> {
  // file-type follows what a file's own fields point at: it gets the head alone
  const found = await fileTypeFromBuffer(bytes.subarray(0, headLength)).catch(() => undefined);
  if (!found) return unsupported('no text and of no type that is known here');
  const [family] = found.mime.split('/');
  const what = { image: 'image', audio: 'sound', video: 'video', font: 'font' }[family ?? ''] ?? 'file';
  return unsupported(`${/^[aeiou]/.test(found.ext) ? 'an' : 'a'} ${found.ext.toUpperCase()} ${what}`);
}
