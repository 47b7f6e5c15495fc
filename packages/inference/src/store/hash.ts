import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const pieceBytes = 1024 * 1024;

/** Reads a file, as far as it goes, into a SHA-256 that can be carried on. */
export async function hashFile(file: string, signal: AbortSignal): Promise<{ hash: Hash; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of createReadStream(file, { highWaterMark: pieceBytes, signal })) {
    hash.update(piece as Buffer);
    size += (piece as Buffer).length;
  }
  return { hash, size };
}
