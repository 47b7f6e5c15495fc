import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A hub for tests on the loopback interface, with the headers and redirects of the real one, and its accidents. */
export interface TestHub {
  endpoint: string;
  /** Every request, in order: which server took it, what was asked, and what came along. */
  requests: HubRequest[];
  close(): Promise<void>;
}

export interface HubRequest {
  server: 'hub' | 'store';
  method: string;
  path: string;
  authorization: string | undefined;
  range: string | undefined;
  ifRange: string | undefined;
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
  /** For each answer with a file's content, in order: after how many bytes of it the connection is cut. */
  cuts?: Record<string, number[]>;
  /** Awaited before a cut. */
  beforeCut?: (file: string) => Promise<void>;
  /** Bytes that are sent at once; the rest follows in later turns of the event loop. */
  pieceBytes?: number;
  /** Neither Range nor ETag, as some mirrors. */
  plain?: boolean;
  /** The model's former id, which is redirected to the present one. */
  formerId?: string;
}

export const testCommit = 'a'.repeat(40);

export async function startTestHub(options: TestHubOptions): Promise<TestHub> {
  const { files, id, revision, token, accident, swapped = {}, formerId } = options;
  const requests: HubRequest[] = [];
  const note = (server: 'hub' | 'store', request: IncomingMessage) => {
    const { method = '', url = '', headers } = request;
    const ifRange = headers['if-range'] as string | undefined;
    requests.push({ server, method, path: url, authorization: headers.authorization, range: headers.range, ifRange });
    return { method, url };
  };

  const store = await listen((request, response) => {
    const { url } = note('store', request);
    const file = url.slice(1);
    void serveContent(options, file, swapped[file] ?? files[file] ?? Buffer.alloc(0), request, response);
  });

  const hub = await listen((request, response) => {
    const { method, url } = note('hub', request);
    if (formerId !== undefined && url.startsWith(`/${formerId}/`)) {
      const location = url.replace(formerId, id);
      return response.writeHead(307, { location }).end('elsewhere');
    }
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return response.writeHead(401).end();
    const file = [revision, testCommit].map((name) => `/${id}/resolve/${name}/`).find((start) => url.startsWith(start));
    const path = file === undefined ? '' : url.slice(file.length);
    if (accident?.(method, path, response)) return;
    const content = files[path];
    if (content === undefined) return response.writeHead(404).end();
    response.setHeader('x-repo-commit', testCommit);
    if (!/\.onnx(_data(_\d+)?)?$/.test(path)) {
      const sent = method === 'HEAD' ? content : (swapped[path] ?? content);
      return void serveContent(options, path, sent, request, response);
    }
    response.setHeader('x-linked-size', content.length);
    response.setHeader('x-linked-etag', `"${sha256Of(content)}"`);
    response.writeHead(302, { location: `${store.address}/${path}` }).end('elsewhere');
  });

  return { endpoint: hub.address, requests, close: async () => void (await Promise.all([hub.close(), store.close()])) };
}

/** The whole content, or what Range and If-Range ask for (RFC 9110, 13.1.5 and 14); cut off where the test wants it. */
async function serveContent(
  { cuts = {}, beforeCut, pieceBytes = 65_536, plain }: TestHubOptions,
  file: string,
  content: Buffer,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const etag = `"${sha256Of(content).slice(0, 32)}"`;
  if (!plain) response.setHeader('etag', etag);
  const asked = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
  const ranged = !plain && asked !== undefined && (headers['if-range'] ?? etag) === etag;
  const from = ranged ? Number(asked) : 0;
  if (ranged && from >= content.length) {
    return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
  }
  if (ranged) response.setHeader('content-range', `bytes ${from}-${content.length - 1}/${content.length}`);
  response.writeHead(ranged ? 206 : 200, { 'content-length': content.length - from });
  if (method === 'HEAD') return void response.end();
  const cut = cuts[file]?.shift();
  const end = cut === undefined ? content.length : from + cut;
  for (let at = from; at < end && !response.destroyed; at += pieceBytes) {
    await new Promise((resolve) => response.write(content.subarray(at, Math.min(end, at + pieceBytes)), resolve));
  }
  if (cut === undefined) return void response.end();
  await beforeCut?.(file);
  response.destroy();
}

const sha256Of = (content: Buffer) => createHash('sha256').update(content).digest('hex');

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
