import { createLog } from '@slipway/runtime/log';
import { expect, test } from 'vitest';
import { connectConsumer } from './connection.ts';
import { consume } from './consume.ts';

test('a consumer whose Redis is away is closed at once', async () => {
  const log = createLog('test', 'silent');
  const connection = connectConsumer('unix:///nowhere/redis.sock', log);
  const run = () => Promise.reject(new Error('never'));
  const consumer = consume({ connection, tasks: ['summarize'], accepts: () => true, run, log });
  await expect(consumer.close()).resolves.toBeUndefined();
  connection.disconnect();
});
