import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { claimRunDir } from './claim.ts';
import { requireFreePort } from './free-port.ts';

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanUp.splice(0)) undo();
});

function folder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-port-'));
  cleanUp.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  cleanUp.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('a taken port: the message has all that is to be changed', async () => {
  const port = await takenPort();
  const other = port < 65_535 ? port + 1 : port - 1;
  await expect(requireFreePort(port, false)).rejects.toThrow(`Choose another: PORT=${other} npm start`);
  await expect(requireFreePort(port, true)).rejects.toThrow(`PORT=${other} DATA_DIR=data/${other} npm start`);
});

test('a run directory is one instance’s, and the socket of one that was killed is in nobody’s way', async () => {
  const runDir = folder();
  writeFileSync(path.join(runDir, 'launcher.sock'), '');
  await claimRunDir(runDir, 1);
  await expect(claimRunDir(runDir, 1)).rejects.toThrow('is starting or running already');
});
