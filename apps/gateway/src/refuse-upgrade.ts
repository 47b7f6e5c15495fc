import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problemType, requestIdHeader } from '@slipway/contract/http';
import { toProblem } from './problem.ts';

/** Answers a request to upgrade with a problem, on the bare socket: there is no response object for it. */
export function refuseUpgrade(socket: Socket, error: unknown, requestId: string): void {
  if (!socket.writable) return;
  const problem = toProblem(error, requestId);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(problem.code === 'unauthorized' ? ['WWW-Authenticate: Bearer'] : []),
    ...(problem.status === 502 ? ['Retry-After: 2'] : []),
    // a request id may be the caller's own
    ...(/^[\w=-]+$/.test(requestId) ? [`${requestIdHeader}: ${requestId}`] : []),
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
