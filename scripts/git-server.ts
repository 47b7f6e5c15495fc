/** For tests: a Git server over HTTP, as the Hub is one, with git's own program behind it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

export interface GitServer {
  url: string;
  /** What was asked for: method, path with query, and the user that was shown, if any. */
  asked: string[];
  close: () => Promise<unknown>;
}

/** Serves the bare repositories below `folder`. Whoever pushes, or asks for LFS, must show `token` as the password. */
export async function startGitServer(folder: string, token: string): Promise<GitServer> {
  const backend = path.join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');
  const asked: string[] = [];
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://hub');
    const [user, password] = atob(req.headers.authorization?.replace(/^Basic /, '') ?? '').split(':');
    asked.push(`${req.method} ${url.pathname}${url.search}${user ? ` as ${user}` : ''}`);
    const isPush = /git-receive-pack|\/info\/lfs\//.test(`${url.pathname}${url.search}`);
    if ((isPush && password !== token) || (password !== undefined && password !== token)) {
      res
        .writeHead(401, { 'WWW-Authenticate': 'Basic realm="hub"', 'Content-Type': 'text/plain' }) // so git shows it
        .end('Invalid credentials in Authorization header');
      return;
    }
    const child = spawn(backend, {
      env: {
        PATH: process.env.PATH ?? '',
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: '1',
        REMOTE_USER: user || undefined,
        REQUEST_METHOD: req.method,
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: req.headers['content-type'],
        HTTP_CONTENT_ENCODING: req.headers['content-encoding'],
        HTTP_GIT_PROTOCOL: req.headers['git-protocol'] as string | undefined,
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    req.pipe(child.stdin);
    child.stdin.on('error', () => {}); // it may end before it has read all
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.on('close', () => {
      const all = Buffer.concat(chunks);
      const end = all.indexOf('\r\n\r\n');
      const headers = all
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map((line) => line.split(': ') as [string, string]);
      const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
      res.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name !== 'Status')));
      res.end(all.subarray(end + 4));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      return closed;
    },
  };
}
