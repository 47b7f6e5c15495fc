/**
 * What people write by hand: Hono and BullMQ without anything else, in a process of its own on a TCP port.
 * `node bench/api-bare.ts REDIS_SOCKET PORT`
 */
import { serve } from '@hono/node-server';
import { Queue } from 'bullmq';
import { Hono } from 'hono';
import { Redis } from 'ioredis';

const [socket = '', port = '0'] = process.argv.slice(2);
const connection = new Redis(socket, { maxRetriesPerRequest: null });
const queue = new Queue('bare', { connection, prefix: 'bench-bare' });

const app = new Hono()
  .post('/jobs', async (c) => {
    const { id } = await queue.add('job', await c.req.json());
    return c.json({ id }, 202);
  })
  .get('/jobs/:id', async (c) => {
    const job = await queue.getJob(c.req.param('id'));
    if (!job) return c.json({ error: 'not found' }, 404);
    return c.json({ id: job.id, state: await job.getState(), progress: job.progress, output: job.returnvalue });
  });

serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' }, () => console.log('ready'));
