import { CodedError } from '@slipway/contract/problems';
import { zipSync } from 'fflate';
import mammoth from 'mammoth';
import { unreadable, unsupported } from './faults.ts';
import { htmlToText } from './html-text.ts';
import { type Archive, openArchive } from './zip.ts';

/** What else a zip archive is, by a name in it. */
const others: [RegExp, string, string?][] = [
  [/^xl\//, 'an Excel workbook (.xlsx)'],
  [/^ppt\//, 'a PowerPoint presentation (.pptx)', 'save it as PDF'],
  [/^META-INF\/container\.xml$/, 'an EPUB book', 'save it as PDF or HTML'],
  [/^content\.xml$/, 'an OpenDocument file', 'save it as .docx or PDF'],
  [/^index\.(?:zip|xml)$/i, 'a Pages document', 'save it as .docx or PDF'],
];

/** Most tags of all parts together: the converter takes 1 to 3 KB of memory for each, however short it is. */
const maxTags = 1_000_000;

/** The text of a Word document: body and notes; without headers, comments, pictures and what was deleted. */
export async function readDocx(bytes: Uint8Array): Promise<string> {
  const archive = await openArchive(bytes);
  if (!archive.names.some((name) => /^word\/document\d*\.xml$/.test(name))) throw otherArchive(archive);
  // the converter follows the document's own references, so it gets only what was unpacked within bounds
  const parts = await archive.unpack((name) =>
    /^(?:word\/[^/]*\.xml|(?:word\/)?_rels\/.*|\[Content_Types\]\.xml)$/.test(name),
  );
  // Word writes none, and it could define words that unfold to gigabytes
  if ([...parts.values()].some((part) => part.includes('<!DOCTYPE')))
    throw unreadable('is a Word document with a DOCTYPE, which is not read: save it anew with Word');
  const tags = [...parts.values()].reduce((sum, part) => sum + countTags(part), 0);
  if (tags > maxTags)
    throw unreadable(
      `is a Word document with ${tags} tags inside; at most ${maxTags} are read: save it as PDF or split it`,
    );
  const html = await toHtml(parts);
  const text = htmlToText(html);
  if (text === '') throw unreadable('is a Word document without text: send one that has some');
  return text;
}

function countTags(part: Buffer): number {
  let tags = 0;
  for (const byte of part) if (byte === 0x3c) tags += 1;
  return tags;
}

async function toHtml(parts: Map<string, Buffer>): Promise<string> {
  const buffer = Buffer.from(zipSync(Object.fromEntries(parts), { level: 0 }));
  try {
    const noImage = mammoth.images.imgElement(async () => ({ src: '' }));
    return (await mammoth.convertToHtml({ buffer }, { convertImage: noImage })).value;
  } catch (error) {
    if (error instanceof RangeError || error instanceof CodedError) throw error;
    throw unreadable('is a broken Word document: save it anew and send it again', error);
  }
}

function otherArchive({ names }: Archive): Error {
  const [, what, advice] = others.find(([pattern]) => names.some((name) => pattern.test(name))) ?? [];
  return what === undefined
    ? unsupported('a zip archive', 'unpack it and send one document')
    : unsupported(what, advice);
}
