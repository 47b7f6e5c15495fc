import { unlinkSync } from 'node:fs';
import type { Server } from 'node:http';

/**
 * Node's default of 5 s is shorter than the time nginx keeps its connections to us open, and then some POSTs meet a
 * socket that is just being closed: 502. Ours must be the longer one; nginx.conf says 60 s.
 */
const keepAliveMs = 80_000;

/** Listens on a Unix socket. A file left by a killed predecessor is removed: the supervisor runs only one of us. */
export async function listenOnSocket(server: Server, socket: string): Promise<void> {
  server.keepAliveTimeout = keepAliveMs;
  removeIfThere(socket);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
