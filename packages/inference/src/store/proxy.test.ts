import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder } from './model.ts';
import { testFiles } from './test-files.ts';
import { startTestHub } from './test-hub.ts';

const model = { id: 'made/test', revision: 'main', dtype: 'fp32' } as const;

/** What a machine has that reaches the hub only through a proxy: a name that resolves to nothing. */
const endpoint = 'http://hub.invalid';

type Variables = Record<string, string>;

const script = `
  const [proxyEnv] = process.argv.slice(2).map((text) => JSON.parse(text));
  if (proxyEnv) (await import('node:http')).setGlobalProxyFromEnv(proxyEnv);
  const { downloadModel } = await import(${JSON.stringify(new URL('./download.ts', import.meta.url))});
  const options = { ...JSON.parse(process.argv[1]), signal: new AbortController().signal, onProgress() {} };
  process.send(await downloadModel(options).catch((error) => error.message), () => process.disconnect());
`;

async function downloadWith(cacheDir: string, env: Variables, call?: Variables): Promise<unknown> {
  const called = call === undefined ? [] : [JSON.stringify(call)];
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', script, JSON.stringify({ model, cacheDir, endpoint }), ...called],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env },
  );
  const [message] = await once(child, 'message');
  return message;
}

test('goes through a proxy where Node is told to', async () => {
  const cacheDir = await mkdtemp(path.join(tmpdir(), 'slipway-proxy-'));
  const hub = await startTestHub({ files: testFiles('summarize', 'fp32'), id: model.id, revision: 'main' });
  const tunnels: string[] = [];
  const proxy = createServer().on('connect', (request, client) => {
    tunnels.push(request.url ?? '');
    const asked = new URL(`http://${request.url}`);
    const port = asked.hostname === 'hub.invalid' ? new URL(hub.endpoint).port : asked.port;
    const server = connect(Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.pipe(client);
      client.pipe(server);
    });
    server.on('error', () => client.destroy());
    client.on('error', () => server.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const variables = { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl };
    expect(await downloadWith(cacheDir, variables)).toMatch(/^hub\.invalid can't be reached/);
    expect(tunnels).toEqual([]);
    const target = cacheFolder(cacheDir, model);
    expect(await downloadWith(cacheDir, { ...variables, NODE_USE_ENV_PROXY: '1' })).toBe(target);
    expect(tunnels.splice(0)).toContain('hub.invalid:80');
    await rm(target, { recursive: true });
    expect(await downloadWith(cacheDir, {}, variables)).toBe(target);
    expect(tunnels).toContain('hub.invalid:80');
  } finally {
    proxy.closeAllConnections();
    proxy.close();
    await hub.close();
    await rm(cacheDir, { recursive: true });
  }
});
