import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

test('requests go through the proxy that the environment names, but not to hosts that need none', async () => {
  const asked: string[] = [];
  const refuse = (request: { url?: string | undefined }, socket: { end: (text: string) => void }) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  };
  const proxy = createServer((request, response) => refuse(request, response)).on('connect', refuse);
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.address() as { port: number };
  const script = `
    import { useProxyFromEnvironment } from '${path.join(import.meta.dirname, 'proxy.ts')}';
    useProxyFromEnvironment();
    await fetch('http://hub.invalid/file').catch(() => {});
    await fetch('http://direct.invalid/').catch(() => {});
    process.exit(0);`;
  const env = { PATH: process.env.PATH, HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: 'direct.invalid' };
  await run(process.execPath, ['--input-type=module-typescript', '--eval', script], { env });
  proxy.closeAllConnections();
  proxy.close();
  expect(asked).toEqual([expect.stringContaining('hub.invalid')]);
});
