import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { retryDelaysMs } from './schedule.ts';
import { signedHeaders } from './sign.ts';

const page = await readFile(`${import.meta.dirname}/../../../docs/webhooks.md`, 'utf8');
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** Runs what docs/webhooks.md tells receivers to do, as it stands there, on one delivery. */
async function verifiedByDocs(body: string, headers: Record<string, string>): Promise<unknown> {
  const [, snippet] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const script = `${snippet}
    import { Readable } from 'node:stream';
    const [body, headers] = process.argv.slice(1);
    const request = Object.assign(Readable.from([Buffer.from(body)]), { headers: JSON.parse(headers) });
    console.log(JSON.stringify(await verified(request)));`;
  const args = ['--input-type=module', '-e', script, body, JSON.stringify(headers)];
  const env = { WEBHOOK_SECRET: secret };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, env });
  return JSON.parse(stdout);
}

test('what the docs tell receivers to do accepts ours and nothing else', async () => {
  const body = '{"type":"job.succeeded","data":{"output":"Grüße, 世界"}}';
  const headers = signedHeaders('x-succeeded', new Date(), body, [secret]);
  expect(await verifiedByDocs(body, headers)).toEqual(JSON.parse(body));
  await expect(verifiedByDocs(`${body} `, headers)).rejects.toThrow('No matching signature');
  const old = signedHeaders('x-succeeded', new Date(Date.now() - 600_000), body, [secret]);
  await expect(verifiedByDocs(body, old)).rejects.toThrow('too old');
});

test('the docs tell the schedule', () => {
  const unit = (ms: number) =>
    ms < 60_000 ? `${ms / 1_000} s` : ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
  const all = retryDelaysMs.map(unit);
  expect(page.replace(/\s+/g, ' ')).toContain(`at once, then after ${all.slice(0, -1).join(', ')} and ${all.at(-1)}`);
});
