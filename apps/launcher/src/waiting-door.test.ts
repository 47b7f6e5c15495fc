import { expect, test } from 'vitest';
import { anyFreePort, requireFreePort } from './free-port.ts';
import { openWaitingDoor } from './waiting-door.ts';

test('while it waits it is alive, does nothing else, and gives the port back', async () => {
  const port = await anyFreePort();
  const door = await openWaitingDoor(port, '127.0.0.1');
  const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method });
  for (const path of ['/', '/healthz', '/?logs=container']) {
    const response = await ask(path);
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/waits for another one to let go of the data/);
    expect((await ask(path, 'HEAD')).status).toBe(200);
  }
  for (const [path, method] of [
    ['/api/v1/jobs', 'POST'],
    ['/', 'POST'],
    ['/readyz', 'GET'],
  ] as const) {
    const response = await ask(path, method);
    expect(response.status).toBe(503);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ status: 503, requestId: response.headers.get('x-request-id') });
  }
  await door.close();
  await requireFreePort(port, false);
});
