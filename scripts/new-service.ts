import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readServices, reservedPaths } from '@slipway/config/services';
import { format, writeNew } from './write-new.ts';

/**
 * Writes `services/NAME`: a small Node server, what the house must know of it, and a test. Gives what to say. Throws, and
 * leaves everything as it was, where something goes wrong.
 */
export function newService(root: string, name: string): string {
  if (reservedPaths.includes(name)) throw new Error(`/${name} is one of the house's own paths. Choose another name.`);
  const folder = `services/${name}`;
  if (existsSync(path.join(root, folder))) throw new Error(`${folder} is there already. Choose another name.`);
  const files = {
    [`${folder}/service.json`]: JSON.stringify({
      name,
      command: ['node', 'server.ts'],
      path: `/${name}`,
      access: 'key',
      websocket: false,
    }),
    [`${folder}/app.ts`]: app(name),
    [`${folder}/server.ts`]: server(name),
    [`${folder}/app.test.ts`]: test(name),
  };
  writeNew(root, files);
  try {
    format(root, Object.keys(files));
    readServices(path.join(root, 'services')); // as the next start does: another may have its path
  } catch (error) {
    rmSync(path.join(root, folder), { recursive: true });
    throw error;
  }
  return `${folder} is there. Start the house and ask it: curl -s localhost:7860/${name}/
Its test: npx vitest run --project unit ${folder}. What service.json may say: docs/services.md.`;
}

const app = (name: string) => `import { createServer, type Server } from 'node:http';

/** What ${name} answers. Requests come without /${name} in front; who asks is told by the gateway alone. */
export function createApp(): Server {
  return createServer((request, response) => {
    const body = { service: '${name}', path: request.url, owner: request.headers['x-slipway-owner'] ?? null };
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
  });
}
`;

const server = (name: string) => `import { createApp } from './app.ts';

const server = createApp();
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log('${name} listens'));
process.once('SIGTERM', () => server.close());
`;

const test = (name: string) => `import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createApp } from './app.ts';

test('${name} answers with what it was asked and by whom', async () => {
  const server = createApp().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(\`http://127.0.0.1:\${port}/a?b=c\`, { headers: { 'X-Slipway-Owner': 'alice' } });
  expect(await answer.json()).toEqual({ service: '${name}', path: '/a?b=c', owner: 'alice' });
  server.close().closeAllConnections();
});
`;
