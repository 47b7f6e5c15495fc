import type { IncomingHttpHeaders } from 'node:http';

/**
 * A browser's WebSocket can send no header of its own, only names of subprotocols, so a key comes as one:
 * `new WebSocket(url, ['slipway', 'slipway-key.' + encodeURIComponent(KEY)])`. Not in the query, which is written into
 * logs and histories on the way. The plain `slipway` is what is answered where the service chooses none: a browser ends a
 * connection whose protocols were all ignored.
 */
export const plainProtocol = 'slipway';
const keyPrefix = 'slipway-key.';

/**
 * Takes ours out of the headers; the key becomes the header that other callers send, unless there is one already: then
 * `shown`, for the service must not see it, whatever its access rule.
 */
export function takeProtocols(headers: IncomingHttpHeaders): { plain: boolean; shown: boolean } {
  const name = 'sec-websocket-protocol';
  const offered = (headers[name] ?? '').split(',').map((protocol) => protocol.trim());
  const theirs = offered.filter((protocol) => protocol !== '' && !isOurs(protocol));
  const key = offered.find((protocol) => protocol.startsWith(keyPrefix))?.slice(keyPrefix.length);
  if (theirs.length > 0) headers[name] = theirs.join(', ');
  else delete headers[name];
  const shown = key !== undefined && headers['x-api-key'] === undefined;
  if (shown) headers['x-api-key'] = decoded(key);
  return { plain: offered.includes(plainProtocol), shown };
}

const isOurs = (protocol: string) => protocol === plainProtocol || protocol.startsWith(keyPrefix);

/** Left as it is where it stands for nothing that a key can be: no header could hold it. */
function decoded(text: string): string {
  try {
    const key = decodeURIComponent(text);
    return /^[\x21-\x7e]*$/.test(key) ? key : text;
  } catch {
    return text;
  }
}
