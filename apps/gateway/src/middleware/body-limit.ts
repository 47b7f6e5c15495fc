import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';

/**
 * Refuses a body of more than `maxSize` bytes. Where its length is said it is judged by that, which the HTTP parser holds
 * the caller to: Hono's own middleware asks for the body as a web stream in any case, and that costs a submission more
 * than all its checks. A chunked one is counted as it comes.
 */
export function limitBody(
  maxSize: number,
  onError: Parameters<typeof bodyLimit>[0]['onError'] & {},
): MiddlewareHandler {
  const counted = bodyLimit({ maxSize, onError });
  return async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    const length = c.req.header('content-length');
    if (length === undefined) return counted(c, next);
    if (Number(length) > maxSize) return onError(c);
    await next();
  };
}
