import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, unlink } from 'node:fs/promises';

/**
 * Whether this is the token of the link that the launcher printed, which is thereby used up. `file` holds its hash
 * (apps/launcher/src/sign-in-link.ts); only one of several that come at once removes it.
 */
export async function useLink(file: string, token: string): Promise<boolean> {
  try {
    const kept = Buffer.from(await readFile(file, 'utf8'), 'hex');
    const shown = createHash('sha256').update(token).digest();
    if (kept.length !== shown.length || !timingSafeEqual(kept, shown)) return false;
    await unlink(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
