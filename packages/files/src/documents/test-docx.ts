import { strToU8, type Zippable, zipSync } from 'fflate';

const word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const documents = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A paragraph of Word's XML. */
export function paragraph(text: string, style = ''): string {
  const look = style === '' ? '' : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`;
  return `<w:p>${look}<w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;
}

/** A Word document with this body; `more`: further entries of its archive. */
export function docx(body: string, more: Zippable = {}): Uint8Array<ArrayBuffer> {
  return zipSync({
    '[Content_Types].xml': strToU8(
      `<Types xmlns="${packages}/content-types"><Override PartName="/word/document.xml" ContentType="${documents}.document.main+xml"/></Types>`,
    ),
    '_rels/.rels': strToU8(
      `<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="word/document.xml"/></Relationships>`,
    ),
    'word/document.xml': strToU8(`<w:document xmlns:w="${word}"><w:body>${body}</w:body></w:document>`),
    ...more,
  });
}

/** The same archive, its table of contents saying that the entry unpacks to `size` bytes. */
export function declaring(archive: Uint8Array<ArrayBuffer>, name: string, size: number): Uint8Array<ArrayBuffer> {
  const forged = Buffer.from(archive);
  const at = forged.lastIndexOf(name); // in the table, which comes last
  forged.writeUInt32LE(size, at - 22);
  return new Uint8Array(forged);
}
