import { createHash } from 'node:crypto';

/** A page's content that prints lines at a distance of `leading`, with a wider step where a line is empty. */
export function lines(texts: string[], { size = 10, leading = 12, left = 72, top = 720 } = {}): string {
  let y = top;
  const shown = texts.map((text) => {
    y -= leading;
    return text === '' ? '' : `BT /F1 ${size} Tf ${left} ${y} Td (${text.replace(/[()\\]/g, '\\$&')}) Tj ET`;
  });
  return shown.join('\n');
}

interface Options {
  /** Encrypted for this password; '' is what files have that may be read but not printed. */
  password?: string;
  /** Font dictionary, and the objects from number 5 on that it names. */
  font?: string[];
}

/** A PDF by hand: a page for each content, an xref table, latin-1 throughout. */
export function pdf(contents: string[], { password, font }: Options = {}): Uint8Array<ArrayBuffer> {
  const fonts = font ?? ['<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'];
  const first = 3 + fonts.length; // of the pages' objects, two a page
  const lock = password === undefined ? undefined : makeLock(password);
  const kids = contents.map((_, i) => `${first + 2 * i} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${contents.length} /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> >>`,
    ...fonts,
    ...contents.flatMap((content, i) => {
      const number = first + 2 * i + 1;
      const stream = lock ? lock.encrypt(number, content) : content;
      return [
        `<< /Type /Page /Parent 2 0 R /Contents ${number} 0 R >>`,
        `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
      ];
    }),
  ];
  return assemble(objects, lock ? ` /ID [<00> <00>] /Encrypt ${lock.dictionary}` : '');
}

/** Objects, numbered from 1 on, as a file; the first is the catalog. */
export function assemble(objects: string[], trailer = ''): Uint8Array<ArrayBuffer> {
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const offset = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const xref = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`;
  const end = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R${trailer} >>\nstartxref\n${file.length}\n%%EOF\n`;
  return new Uint8Array(Buffer.from(file + xref + end, 'latin1'));
}

/** The standard security handler, revision 2: RC4 with 40 bits (PDF 1.7, section 7.6.3). */
function makeLock(password: string) {
  const filler = Buffer.from('28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A', 'hex');
  const pad = (text: string) => Buffer.concat([Buffer.from(text, 'latin1'), filler]).subarray(0, 32);
  const md5 = (...parts: Buffer[]) => createHash('md5').update(Buffer.concat(parts)).digest();
  const permissions = Buffer.from([0xc0, 0xff, 0xff, 0xff]);
  const owner = rc4(md5(pad('of the owner')).subarray(0, 5), pad(password));
  const key = md5(pad(password), owner, permissions, Buffer.from([0])).subarray(0, 5);
  const user = rc4(key, filler);
  return {
    dictionary: `<< /Filter /Standard /V 1 /R 2 /O <${owner.toString('hex')}> /U <${user.toString('hex')}> /P ${permissions.readInt32LE()} >>`,
    encrypt(number: number, content: string): string {
      const salt = Buffer.from([number & 255, number >> 8, 0, 0, 0]);
      return rc4(md5(key, salt).subarray(0, 10), Buffer.from(content, 'latin1')).toString('latin1');
    },
  };
}

function rc4(key: Buffer, data: Buffer): Buffer {
  const state = Array.from({ length: 256 }, (_, i) => i);
  const swap = (a: number, b: number) => ([state[a], state[b]] = [state[b] as number, state[a] as number]);
  const at = (i: number) => state[i & 255] as number;
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + at(i) + (key[i % key.length] as number)) & 255;
    swap(i, j);
  }
  let j = 0;
  return data.map((byte, n) => {
    const i = (n + 1) & 255;
    j = (j + at(i)) & 255;
    swap(i, j);
    return byte ^ at(at(i) + at(j));
  }) as Buffer;
}
