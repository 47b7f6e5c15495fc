import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise } from 'yauzl';
import { unreadable } from './faults.ts';

/** Most entries of an archive that are looked at; a document with a thousand pictures has about as many. */
const maxEntries = 5_000;

/** Most bytes of all parts together, unpacked: two million characters in Word's XML are half of it, at 30 bytes of memory a byte. */
export const maxUnpacked = 32 * 1024 * 1024;

/** An archive's table of contents, and a way to unpack parts of it. */
export interface Archive {
  names: string[];
  /** Unpacks what is wanted, and nothing else, within `maxUnpacked`. */
  unpack: (wanted: (name: string) => boolean) => Promise<Map<string, Buffer>>;
}

/** Throws `invalid_input` for an archive that is broken, cut off, encrypted or a bomb. */
export async function openArchive(bytes: Uint8Array): Promise<Archive> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // names stay bytes: the library would refuse some that real programs write, and no file is ever made by them
  const zip = await fromBufferPromise(buffer, { lazyEntries: true, decodeStrings: false }).catch(broken);
  if (zip.entryCount > maxEntries)
    throw unreadable(`is an archive of ${zip.entryCount} entries; at most ${maxEntries} are looked at`);
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) entries.set(nameOf(entry), entry);
  } catch (error) {
    broken(error);
  }
  const read = async (entry: Entry) => {
    const chunks: Buffer[] = [];
    // the library ends the stream with an error where it is longer or shorter than declared
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    const part = Buffer.concat(chunks);
    if (crc32(part) !== entry.crc32) throw new Error('wrong checksum');
    return part;
  };
  return {
    names: [...entries.keys()],
    async unpack(wanted) {
      const chosen = [...entries].filter(([name]) => wanted(name));
      const declared = chosen.reduce((sum, [, entry]) => sum + entry.uncompressedSize, 0);
      if (declared > maxUnpacked)
        throw unreadable(
          `unpacks to ${megabytes(declared)} MB; at most ${megabytes(maxUnpacked)} are unpacked: split it`,
        );
      if (chosen.some(([, entry]) => entry.isEncrypted()))
        throw unreadable('is encrypted: remove its password and send it again');
      const parts = new Map<string, Buffer>();
      for (const [name, entry] of chosen) parts.set(name, await read(entry).catch(broken));
      return parts;
    },
  };
}

function nameOf({ fileNameRaw }: Entry): string {
  return fileNameRaw.toString().replaceAll('\\', '/').replace(/^\/+/, '');
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1024 / 1024);
}

function broken(cause: unknown): never {
  throw unreadable('is broken or cut off: save it anew and send it whole', cause);
}
