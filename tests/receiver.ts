import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Job } from '@slipway/contract/jobs';
import type { WebhookEventType } from '@slipway/contract/webhooks';

export interface Received {
  path: string;
  body: string;
  headers: Record<string, string>;
}

export interface Receiver {
  /** Takes what it is sent. `/gone` answers 410, `/moved` a redirect to `/elsewhere`, all else 200. */
  url: string;
  received: Received[];
  /** What was told of the job; waits until it comes. */
  told: (type: WebhookEventType, job: Pick<Job, 'id'>) => Promise<Received>;
  close: () => void;
}

/** A stranger's server that webhooks go to. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { url: path = '', headers } = request;
    received.push({ path, body: Buffer.concat(chunks).toString(), headers: headers as Record<string, string> });
    server.emit('delivery');
    const status = { '/gone': 410, '/moved': 302 }[path] ?? 200;
    response.writeHead(status, status === 302 ? { Location: '/elsewhere' } : {}).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async told(type, { id }) {
      for (;;) {
        const found = received.find(({ body }) => body.includes(`"${type}"`) && body.includes(id));
        if (found) return found;
        await once(server, 'delivery');
      }
    },
    close: () => server.close(),
  };
}
