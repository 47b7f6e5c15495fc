import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';

/** Answers a request in place of the hub (true), or leaves it to it. */
export type Accident = (call: string, request: IncomingMessage, response: ServerResponse) => boolean | undefined;

/** One dataset repository on loopback, with the calls that @huggingface/hub really makes. */
export interface HubStandIn {
  endpoint: string;
  dataset: string;
  token: string;
  /** Undefined: there is no such repository. */
  repository: { private: boolean; files: Map<string, Buffer> } | undefined;
  /** `<call> <path>` of each request, oldest first. */
  calls: string[];
  /** Titles of the commits. */
  commits: string[];
  /** The last commit's id. */
  sha: string;
  /** Called before each request is answered. */
  accident: Accident | undefined;
  /** Files of this size and more, in bytes, go the way of large files. */
  lfsFrom: number;
  /** Entries of a page of a listing. */
  pageSize: number;
  /** Resolves at the next commit. */
  nextCommit(): Promise<void>;
  /** What lies there, as text. */
  text(path: string): string;
  paths(): string[];
  close(): Promise<void>;
}

type Line =
  | { key: 'header'; value: { summary: string } }
  | { key: 'file'; value: { path: string; content: string; encoding: 'base64' } }
  | { key: 'lfsFile'; value: { path: string; oid: string } }
  | { key: 'deletedFile'; value: { path: string } };

export async function startHubStandIn(dataset = 'ann/jobs', token = 'hf_stand_in'): Promise<HubStandIn> {
  const large = new Map<string, Buffer>();
  let told = Promise.withResolvers<void>();

  const hub: HubStandIn = {
    endpoint: '',
    dataset,
    token,
    repository: undefined,
    calls: [],
    commits: [],
    sha: '0',
    accident: undefined,
    lfsFrom: 10 * 1024 ** 2,
    pageSize: 50,
    nextCommit: () => told.promise,
    text: (path) => hub.repository?.files.get(path)?.toString() ?? '',
    paths: () => [...(hub.repository?.files.keys() ?? [])].toSorted(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', hub.endpoint);
    const call = callOf(request.method ?? '', url.pathname);
    hub.calls.push(`${call} ${url.pathname}`);
    if (hub.accident?.(call, request, response)) return;
    if (call === 'put') {
      large.set(url.pathname.slice('/large/'.length), await buffer(request));
      return send(response, 200, {});
    }
    if (request.headers.authorization !== `Bearer ${token}`) return send(response, 401, { error: 'Invalid token' });
    if (call === 'create') return create(request, response);
    const { repository } = hub;
    if (!repository) return send(response, 404, { error: 'Repository not found' }, { 'x-error-code': 'RepoNotFound' });
    if (call === 'info')
      return send(response, 200, { _id: '1', id: dataset, private: repository.private, sha: hub.sha });
    if (call === 'list') return list(url, response);
    if (call === 'preupload') return preupload(request, response);
    if (call === 'batch') return batch(request, response);
    if (call === 'commit') return commit(request, response);
    if (call === 'resolve') return resolve(url, request, response);
    send(response, 404, { error: 'Not found' });
  }

  function callOf(method: string, path: string): string {
    const api = `/api/datasets/${dataset}`;
    if (method === 'POST' && path === '/api/repos/create') return 'create';
    if (method === 'PUT' && path.startsWith('/large/')) return 'put';
    if (method === 'POST' && path === `${api}/preupload/main`) return 'preupload';
    if (method === 'POST' && path === `${api}/commit/main`) return 'commit';
    if (method === 'POST' && path === `/datasets/${dataset}.git/info/lfs/objects/batch`) return 'batch';
    if (method !== 'GET') return 'unknown';
    if (path === `${api}/revision/HEAD`) return 'info';
    if (path === `${api}/tree/main`) return 'list';
    return path.startsWith(`/datasets/${dataset}/resolve/main/`) ? 'resolve' : 'unknown';
  }

  async function create(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { name, organization, visibility } = JSON.parse(await text(request));
    if (hub.repository) return send(response, 409, { error: 'You already created this dataset repo' });
    if (`${organization}/${name}` !== dataset) return send(response, 403, { error: 'Forbidden' });
    hub.repository = { private: visibility === 'private', files: new Map([['.gitattributes', Buffer.from('x\n')]]) };
    send(response, 200, { url: `${hub.endpoint}/datasets/${dataset}`, id: '1' });
  }

  function list(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const files = [...(hub.repository?.files ?? [])];
    const page = files.slice(from, from + hub.pageSize);
    const folders = from === 0 ? [...new Set(files.map(([path]) => path.split('/').slice(0, -1).join('/')))] : [];
    const next = new URL(url);
    next.searchParams.set('cursor', String(from + hub.pageSize));
    send(
      response,
      200,
      [
        ...folders.filter(Boolean).map((path) => ({ type: 'directory', oid: '0', size: 0, path })),
        ...page.map(([path, bytes]) => ({ type: 'file', oid: oidOf(bytes), size: bytes.length, path })),
      ],
      from + hub.pageSize < files.length ? { link: `<${next}>; rel="next"` } : {},
    );
  }

  async function preupload(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { files } = JSON.parse(await text(request)) as { files: { path: string; size: number }[] };
    send(response, 200, {
      files: files.map(({ path, size }) => ({
        path,
        uploadMode: size >= hub.lfsFrom ? 'lfs' : 'regular',
        shouldIgnore: false,
        oid: '0',
      })),
    });
  }

  async function batch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { objects } = JSON.parse(await text(request)) as { objects: { oid: string; size: number }[] };
    send(response, 200, {
      transfer: 'basic',
      objects: objects.map((object) => ({
        ...object,
        ...(!large.has(object.oid) && { actions: { upload: { href: `${hub.endpoint}/large/${object.oid}` } } }),
      })),
    });
  }

  /** All of it or nothing. */
  async function commit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const lines = (await text(request)).split('\n').filter(Boolean);
    const operations = lines.map((line) => JSON.parse(line) as Line);
    const files = new Map(hub.repository?.files);
    let title = '';
    for (const { key, value } of operations) {
      if (key === 'header') title = value.summary;
      else if (key === 'file') files.set(value.path, Buffer.from(value.content, value.encoding));
      else if (key === 'lfsFile') files.set(value.path, large.get(value.oid) ?? Buffer.alloc(0));
      else if (!files.delete(value.path))
        return send(response, 404, { error: `No ${value.path}` }, { 'x-error-code': 'EntryNotFound' });
    }
    if (hub.repository) hub.repository.files = files;
    hub.commits.push(title);
    hub.sha = oidOf(Buffer.from(`${hub.sha} ${hub.commits.length}`));
    send(response, 200, { commitOid: hub.sha, commitUrl: '', hookOutput: '' });
    told.resolve();
    told = Promise.withResolvers();
  }

  function resolve(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(url.pathname.slice(`/datasets/${dataset}/resolve/main/`.length));
    const bytes = hub.repository?.files.get(path);
    if (!bytes) {
      send(response, 404, { error: 'Entry not found' }, { 'x-error-code': 'EntryNotFound' });
      return;
    }
    const etag = `"${oidOf(bytes)}"`;
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (start === undefined) {
      response.writeHead(200, { etag }).end(bytes);
      return;
    }
    const part = bytes.subarray(Number(start), Number(end) + 1);
    const range = `bytes ${start}-${Number(start) + part.length - 1}/${bytes.length}`;
    response.writeHead(206, { etag, 'content-range': range }).end(part);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  hub.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return hub;
}

const oidOf = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex');

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
