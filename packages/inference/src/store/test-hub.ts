import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A hub for tests on the loopback interface, with the headers and redirects of the real one, and its accidents. */
export interface TestHub {
  endpoint: string;
  /** Every request, in order: which server took it, what was asked, and whether a token came along. */
  requests: { server: 'hub' | 'store'; method: string; path: string; authorization: string | undefined }[];
  close(): Promise<void>;
}

export interface TestHubOptions {
  /** The repository's files by path. Weights are kept in another server, as the real hub does. */
  files: Record<string, Buffer>;
  id: string;
  /** Asked for by this name or by the commit. */
  revision: string;
  /** Where set, everything without this token is answered 401. */
  token?: string;
  /** Answers instead of serving; undefined: serve as usual. */
  accident?: (method: string, file: string, response: ServerResponse) => true | undefined;
  /** Content that is sent instead of the announced one. */
  swapped?: Record<string, Buffer>;
  /** The model's former id, which is redirected to the present one. */
  formerId?: string;
}

export const testCommit = 'a'.repeat(40);

export async function startTestHub(options: TestHubOptions): Promise<TestHub> {
  const { files, id, revision, token, accident, swapped = {}, formerId } = options;
  const requests: TestHub['requests'] = [];
  const note = (server: 'hub' | 'store', request: IncomingMessage) => {
    const { method = '', url = '', headers } = request;
    requests.push({ server, method, path: url, authorization: headers.authorization });
    return { method, url };
  };

  const store = await listen((request, response) => {
    const { url } = note('store', request);
    const file = url.slice(1);
    const content = swapped[file] ?? files[file];
    response.writeHead(200, { 'content-length': content?.length ?? 0 }).end(content);
  });

  const hub = await listen((request, response) => {
    const { method, url } = note('hub', request);
    if (formerId !== undefined && url.startsWith(`/${formerId}/`)) {
      const location = url.replace(formerId, id);
      return response.writeHead(307, { location, 'content-length': 10 }).end();
    }
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return response.writeHead(401).end();
    const file = [revision, testCommit].map((name) => `/${id}/resolve/${name}/`).find((start) => url.startsWith(start));
    const path = file === undefined ? '' : url.slice(file.length);
    if (accident?.(method, path, response)) return;
    const content = files[path];
    if (content === undefined) return response.writeHead(404).end();
    response.setHeader('x-repo-commit', testCommit);
    if (!path.endsWith('.onnx')) {
      const sent = method === 'HEAD' ? content : (swapped[path] ?? content);
      return response.writeHead(200, { 'content-length': sent.length, etag: '"0123"' }).end(sent);
    }
    response.setHeader('x-linked-size', content.length);
    response.setHeader('x-linked-etag', `"${createHash('sha256').update(content).digest('hex')}"`);
    response.writeHead(302, { location: `${store.address}/${path}`, 'content-length': 10 }).end();
  });

  return { endpoint: hub.address, requests, close: async () => void (await Promise.all([hub.close(), store.close()])) };
}

async function listen(handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
