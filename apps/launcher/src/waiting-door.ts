import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Problem } from '@slipway/contract/problems';

/** For callers, in seconds: the other instance may take as long to stop. */
const retryAfter = 10;
const text = 'This instance waits for another one to let go of the data. Then it starts.\n';

export interface WaitingDoor {
  /** Resolves when the port is free again. */
  close(): Promise<void>;
}

/**
 * Answers on the port while the house can't start yet. A platform may end the old container only when the new one answers,
 * and the old one has the data: if nobody answered, each would wait for the other. Throws where nobody can listen there.
 */
export async function openWaitingDoor(port: number, host: string): Promise<WaitingDoor> {
  const server = createServer((request, response) => {
    request.resume();
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const path = (request.url ?? '').split('?')[0];
    if (isRead && (path === '/' || path === '/healthz')) answer(response, 200, 'text/plain; charset=utf-8', text);
    else refuse(response);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function refuse(response: ServerResponse): void {
  const requestId = randomUUID();
  const problem: Problem = {
    type: 'about:blank',
    title: 'The service is starting',
    status: 503,
    code: 'upstream_unavailable',
    detail: 'It waits for another instance to let go of the data. Try again in a moment.',
    requestId,
  };
  response.setHeader('Retry-After', retryAfter);
  response.setHeader('X-Request-Id', requestId);
  answer(response, 503, 'application/problem+json', JSON.stringify(problem));
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  // closed, so that nothing is on its way over an old connection when the house takes the port
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store', Connection: 'close' }).end(body);
}
