import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { socketAnswers } from './port.ts';

const socketOf = (runDir: string) => path.join(runDir, 'launcher.sock');
const markOf = (dataDir: string) => path.join(dataDir, '.slipway-instance');

/**
 * Makes the run directory this instance's for as long as this process lives. Two launchers on one would end each other's
 * Redis. Throws where another one has it: binding a socket can succeed only once.
 */
export async function claimRunDir(runDir: string, port: number): Promise<void> {
  const socket = socketOf(runDir);
  const taken = new Error(`an instance on port ${port} is starting or running already (its files are in ${runDir})`);
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

/**
 * Makes the data folder this instance's: two redis-servers on one would destroy each other's data. Throws where a running
 * instance has it. Containers that share a volume are not seen: the platform allows one writer.
 */
export async function claimDataDir(dir: string, runDir: string): Promise<void> {
  const mark = markOf(dir);
  try {
    writeFileSync(mark, runDir, { flag: 'wx' }); // only one of two that start at once makes it
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const other = readFileSync(mark, 'utf8');
    if (other !== runDir && (await socketAnswers(socketOf(other))))
      throw new Error(`${dir} is in use by another instance. Give this one its own: DATA_DIR=… npm start`);
    writeFileSync(mark, runDir);
  }
}

/** Whether a running instance, on whatever port, has the data folder. */
export async function dataDirIsTaken(dir: string): Promise<boolean> {
  const mark = markOf(dir);
  return existsSync(mark) && (await socketAnswers(socketOf(readFileSync(mark, 'utf8'))));
}

/** Lets go of the data folder. */
export function releaseDataDir(dir: string): void {
  rmSync(markOf(dir), { force: true });
}
