import { createServer } from 'node:net';

/**
 * Throws an Error that says what to do where nobody can listen on the port. `dataIsTaken`: an instance that runs has our
 * data folder too, so another port alone would not help.
 */
export async function requireFreePort(port: number, dataIsTaken: boolean): Promise<void> {
  try {
    await listen(port, '0.0.0.0');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${code})`;
    const other = port < 65_535 ? port + 1 : port - 1;
    throw new Error(
      dataIsTaken
        ? `port ${port} ${why}, and an instance that runs has the data folder. Choose others: PORT=${other} DATA_DIR=data/${other} npm start`
        : `port ${port} ${why}. Choose another: PORT=${other} npm start`,
    );
  }
}

/** Whether a program of ours could listen on the port, on loopback. */
export const isFree = (port: number) =>
  listen(port, '127.0.0.1').then(
    () => true,
    () => false,
  );

/** A port on loopback that is free now. */
export const anyFreePort = () => listen(0, '127.0.0.1');

function listen(port: number, host: string): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
