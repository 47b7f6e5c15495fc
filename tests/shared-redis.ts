import type { TestProject } from 'vitest/node';
import { createRedis } from './redis-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string;
  }
}

/** vitest's global set-up: one real Redis for all unit and integration tests; each keeps apart by a key prefix. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await createRedis();
  project.provide('redisUrl', redis.url);
  return () => redis.remove();
}
