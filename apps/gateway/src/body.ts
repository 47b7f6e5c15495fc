import { CodedError } from '@slipway/contract/problems';
import type { HonoRequest } from 'hono';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a JSON body. Throws CodedError `unsupported_media_type`, `invalid_encoding` or `invalid_json`. The decoder is a
 * strict one, because `request.json()` replaces broken bytes without a word and the caller's text would change.
 */
export async function readJson(request: HonoRequest): Promise<unknown> {
  const type = request.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new CodedError('unsupported_media_type', 'Send the body as Content-Type: application/json.');
  return parseJson(await request.arrayBuffer());
}

/** Text as strict UTF-8. Throws CodedError `invalid_encoding`. */
export function decodeText(bytes: ArrayBuffer | Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new CodedError('invalid_encoding', 'The body must be UTF-8.', { cause });
  }
}

/** Throws CodedError `invalid_encoding` or `invalid_json`. */
export function parseJson(bytes: ArrayBuffer | Uint8Array): unknown {
  const text = decodeText(bytes);
  try {
    return JSON.parse(text);
  } catch {
    // no cause: V8 quotes the input in its message
    throw new CodedError('invalid_json', 'The body must be one JSON value.');
  }
}
