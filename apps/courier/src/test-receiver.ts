import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A real HTTP receiver on loopback, for tests. Answers 204, or what `answer` writes; `n` is 1 for the first request. */
export async function openReceiver(answer: (response: ServerResponse, n: number) => void = accept) {
  const received: Received[] = [];
  let tell = () => {};
  const server = createServer(async (request, response) => {
    const body = await text(request);
    received.push({ url: request.url ?? '', headers: request.headers, body });
    answer(response, received.length);
    tell();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/hook?token=secret-of-the-url`,
    received,
    /** Resolves once so many requests have come. */
    async count(n: number): Promise<Received[]> {
      while (received.length < n) await new Promise<void>((resolve) => (tell = resolve));
      return received;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function accept(response: ServerResponse): void {
  response.writeHead(204).end();
}
