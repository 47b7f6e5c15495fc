import { isIPv4 } from 'node:net';

/** Not sent, and never will be: the URL itself is at fault. The message goes into the delivery log. */
export class Refused extends Error {
  override name = 'Refused';
}

export interface Target {
  url: URL;
  /** Host and port, what deliveries are kept apart by. */
  host: string;
  /** True where the operator allows this host in a private network. */
  isAllowed: boolean;
}

/** Throws Refused for what is no plain http(s) URL. `allowedHosts`: each `host` (any port) or `host:port`. */
export function parseTarget(text: string, allowedHosts: readonly string[]): Target {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new Refused('The URL is not an http(s) URL.');
  if (url.username !== '' || url.password !== '') throw new Refused('The URL holds a user name or a password.');
  // 127.1, 0x7f.0.0.1, 2130706433: forms that hide which address is meant, and that some filters read otherwise
  const written = /^\s*[a-z]+:[/\\]*([^/\\?#:]*)/i.exec(text)?.[1];
  if (isIPv4(url.hostname) && written !== url.hostname)
    throw new Refused('The address in the URL is not written as four decimal numbers.');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const allowed = allowedHosts.map((host) => host.toLowerCase());
  const host = `${url.hostname}:${port}`;
  return { url, host, isAllowed: allowed.includes(url.hostname) || allowed.includes(host) };
}
