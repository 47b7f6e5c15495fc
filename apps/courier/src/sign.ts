import { Webhook } from 'standardwebhooks';

/**
 * The headers of one try. Each secret signs, so that receivers may change from one to the next when they like.
 * Source: https://www.standardwebhooks.com
 */
export function signedHeaders(id: string, at: Date, body: string, secrets: string[]): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'Slipway',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}
