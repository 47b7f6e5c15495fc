import { operatorConfig } from '@slipway/config/operator';
import { openapiDocument } from '@slipway/contract/openapi/document';
import { createLog } from '@slipway/runtime/log';
import { expect, test } from 'vitest';
import { createApp } from './app.ts';
import { dialectPaths } from './dialects/routes.ts';
import { openOperator } from './operator/operator.ts';
import { operatorPaths } from './operator/pages.ts';

/** Never called: only the table of routes is looked at. */
const unused = {} as never;

test('what is served is described, and what is described is served', () => {
  const log = createLog('test', 'silent');
  const options = { config: operatorConfig({}), onSpace: false, port: 7860, signInFile: '', log };
  const app = createApp({
    operator: openOperator({ ...options, queues: unused, estimator: unused }),
    queues: unused,
    desk: unused,
    access: async (_c, next) => next(),
    metricsAccess: async (_c, next) => next(),
    limiters: unused,
    files: unused,
    log,
    maxBodyBytes: 1024,
    patienceMs: 600_000,
    streamSecret: new Uint8Array(32),
    models: { summarize: 'a/b', 'classify-text': 'a/b', 'classify-image': 'a/b', chat: 'a/b' },
    stopping: new AbortController().signal,
  });
  const served = app.routes
    .filter(({ method }) => method !== 'ALL') // middleware and the answers to what is not there
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  const described = Object.entries(openapiDocument().paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect([...new Set(served)].toSorted()).toEqual([...described, ...dialectPaths, ...operatorPaths].toSorted());
});
