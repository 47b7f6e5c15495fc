import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { CodedError } from '@slipway/contract/problems';
import { createLog } from '@slipway/runtime/log';
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import type { AppEnv } from '../caller.ts';
import type { FileReader } from '../files/file-reader.ts';
import { checkSubmission } from '../submission.ts';
import { allModels } from '../test-app.ts';
import type { DialectDeps } from './deps.ts';
import { dialectRoutes } from './routes.ts';
import { createTestDesk, type TestDesk } from './test-desk.ts';

/** The first bytes of a PNG: what the test's reader of files takes for an image. */
export const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const files: FileReader = {
  readDocument: async () => 'unused',
  async checkImage(bytes, pointer) {
    if (Buffer.from(bytes).subarray(0, 4).equals(Buffer.from(png).subarray(0, 4))) return;
    const message = 'is no image';
    throw new CodedError('invalid_input', `${pointer} ${message}.`, { faults: [{ pointer, message }] });
  },
  close() {},
};

export interface TestServer {
  url: string;
  desk: TestDesk;
  /** What was asked, and the status it got: `POST /analyze 200`. */
  asked: string[];
  /** As if the gateway was stopped. */
  stop: () => void;
  close: () => void;
}

export function testDeps(desk: TestDesk, stopping: AbortSignal): DialectDeps {
  return {
    desk,
    check: (value, file, signal) => checkSubmission(value, { models: allModels, files, leaving: () => signal }, file),
    // a key's name is the key; "wrong" is none
    access: async (c, next) => {
      const key = c.req.header('authorization')?.replace('Bearer ', '') ?? null;
      if (key === 'wrong') throw new CodedError('unauthorized', 'There is no such key.');
      c.set('caller', { owner: key, client: key ?? 'address' });
      await next();
    },
    limiters: { submissions: { take: async () => null }, reads: { take: async () => null } },
    models: allModels,
    patienceMs: 600_000,
    streamSecret: new Uint8Array(32).fill(7),
    maxBodyBytes: 64 * 1024,
    stopping,
    log: createLog('test', 'silent'),
  };
}

/** The dialects on a free port of the loopback, before a desk that goes by plan. */
export async function startTestServer(): Promise<TestServer> {
  const desk = createTestDesk();
  const stopping = new AbortController();
  const asked: string[] = [];
  const app = new Hono<AppEnv>();
  app.use(requestId());
  app.use(async (c, next) => {
    await next();
    asked.push(`${c.req.method} ${c.req.path} ${c.res.status}`);
  });
  app.route('/', dialectRoutes(testDeps(desk, stopping.signal)));
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    desk,
    asked,
    stop: () => stopping.abort(),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** All that a stream gives. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of stream) all.push(each);
  return all;
}
