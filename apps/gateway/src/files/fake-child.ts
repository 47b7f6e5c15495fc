/** For the tests: a file process whose readers do what the file's name says; a second word is a socket to report at. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { getHeapStatistics } from 'node:v8';
import { CodedError } from '@slipway/contract/problems';
import { serveFiles } from './serve.ts';

const kept: Buffer[] = [];

async function act(bytes: Uint8Array, name: string, type?: string): Promise<string> {
  const [verb, socket] = name.split(' ');
  const line = socket === undefined ? undefined : connect(socket);
  if (line) await once(line, 'connect');
  if (verb === 'hold' && line) await once(line, 'data');
  if (verb === 'spin') for (;;); // as a parser would that never comes to an end
  if (verb === 'eat') await eat(Number.POSITIVE_INFINITY);
  if (verb === 'grow') await eat(200);
  if (verb === 'exit') process.exit(7);
  if (verb === 'die') process.kill(process.pid, 'SIGKILL');
  if (verb === 'throw') setImmediate(() => JSON.parse(new TextDecoder().decode(bytes)));
  if (verb === 'throw') await new Promise(() => {});
  if (verb === 'abort') await new Promise((resolve) => process.stderr.write('FATAL: heap out of memory\n', resolve));
  if (verb === 'abort') process.abort();
  if (verb === 'refuse')
    throw new CodedError('unsupported_media_type', 'The file is a spoon.', {
      faults: [{ pointer: '/file', message: 'is a spoon' }],
      cause: new Error('secret'),
    });
  if (verb === 'unexpected') throw new TypeError(`odd: ${new TextDecoder().decode(bytes)}`);
  const heapMiB = getHeapStatistics().heap_size_limit / 1024 ** 2;
  // biome-ignore lint/style/noProcessEnv: the test wants to know what there is
  return JSON.stringify({ pid: process.pid, sum: bytes.reduce((a, b) => a + b, 0), type, env: process.env, heapMiB });
}

/** Takes memory outside V8's heap, in MiB. */
async function eat(most: number): Promise<void> {
  for (let taken = 0; taken < most; taken += 16) {
    kept.push(Buffer.alloc(16 * 1024 ** 2, 1));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

serveFiles({
  readDocument: (bytes, { name = '', type }) => act(bytes, name, type),
  checkImage: (bytes) => act(bytes, new TextDecoder().decode(bytes)),
});
