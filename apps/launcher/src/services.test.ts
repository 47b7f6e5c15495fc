import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { anyFreePort } from './free-port.ts';
import { serviceCommand, serviceVariables } from './service-command.ts';
import { assignPorts, requireServicePorts } from './services.ts';

const service = {
  name: 'one',
  dir: '/',
  command: ['node', 'server.ts', '--port=$PORT', '$BASE_PATH', '$PORTS', '$HOME'],
  port: 4321,
  path: '/one',
  health: '/',
  access: 'key',
  websocket: false,
  env: [],
} as const;

test('the command gets its port and path, and nothing else is filled in', () => {
  const [program, args] = serviceCommand({ ...service, command: [...service.command], env: [] });
  expect(program).toBe(process.execPath);
  expect(args).toEqual(['server.ts', '--port=4321', '/one', '$PORTS', '$HOME']);
  expect(serviceVariables({ ...service, command: [], env: [] })).toMatchObject({
    PORT: '4321',
    HOST: '127.0.0.1',
    BASE_PATH: '/one',
  });
});

test('each service has a port of its own, and the one that it asks for', async () => {
  const fixed = await anyFreePort();
  const assigned = await assignPorts([{ name: 'a' }, { name: 'b', port: fixed }, { name: 'c' }]);
  const ports = assigned.map(({ port }) => port);
  expect(ports[1]).toBe(fixed);
  expect(new Set(ports).size).toBe(3);
});

test('a fixed port that is taken is told of, with the service', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await expect(requireServicePorts([{ name: 'one', port }])).rejects.toThrow(`services/one: port ${port} is taken`);
  await new Promise((resolve) => server.close(resolve));
  await requireServicePorts([{ name: 'one', port }, { name: 'two' }]);
});
