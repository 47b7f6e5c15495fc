import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { socketAnswers } from './port.ts';

const socketOf = (runDir: string) => path.join(runDir, 'launcher.sock');

/**
 * Makes the run directory this instance's for as long as this process lives. Two launchers on one would end each other's
 * Redis. Throws where another one has it: binding a socket can succeed only once.
 */
export async function claimRunDir(runDir: string, port: number): Promise<void> {
  const socket = socketOf(runDir);
  const other = port < 65_535 ? port + 1 : port - 1;
  const taken = new Error(
    `an instance on port ${port} is starting or running already (its files are in ${runDir}). Stop it, or start this one beside it: PORT=${other} DATA_DIR=data/${other} npm start`,
  );
  if (existsSync(socket)) {
    if (await socketAnswers(socket)) throw taken;
    rmSync(socket, { force: true }); // left by one that was killed
  }
  const server = createServer((connection) => connection.destroy());
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(taken));
    server.listen(socket, resolve);
  });
}

/** Whether the launcher of an instance lives. */
export const instanceLives = (runDir: string) => socketAnswers(socketOf(runDir));
