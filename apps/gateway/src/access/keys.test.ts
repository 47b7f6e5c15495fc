import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { createKeyring } from './keys.ts';

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
const keyring = createKeyring([
  { name: 'alice', sha256: sha256('alice-key-of-today') },
  { name: 'alice', sha256: sha256('alice-key-of-tomorrow') },
  { name: 'bob', sha256: sha256('key-of-bob-and-carol') },
  { name: 'carol', sha256: sha256('key-of-bob-and-carol') },
]);
const find = (headers: Record<string, string>, ring = keyring) => ring.find(new Headers(headers))?.name ?? null;

test.each([
  [{ Authorization: 'Bearer alice-key-of-today' }, 'alice'],
  [{ Authorization: 'bearer  alice-key-of-tomorrow' }, 'alice'],
  [{ 'X-API-Key': 'alice-key-of-tomorrow' }, 'alice'],
  [{ 'X-API-Key': 'key-of-bob-and-carol' }, 'bob'],
  [{ Authorization: 'Bearer key-of-bob-and-carol', 'X-API-Key': 'key-of-bob-and-carol' }, 'bob'],
  [{ Authorization: 'Bearer hf_token_of_a_private_space', 'X-API-Key': 'alice-key-of-today' }, 'alice'],
  [{ Authorization: 'Basic YTpi', 'X-API-Key': 'alice-key-of-today' }, 'alice'],
  [{}, null],
  [{ Authorization: 'Basic YTpi' }, null],
  [{ 'X-HF-Authorization': 'Bearer alice-key-of-today' }, null],
])('point 30: %j is %s', (headers, name) => {
  expect(find(headers as Record<string, string>)).toBe(name);
});

test.each([
  [{ Authorization: 'Bearer nobody-has-this-key' }, /not known here.*Authorization: Bearer KEY.*X-API-Key: KEY/],
  [{ Authorization: 'Bearer hf_token_that_is_no_key' }, /not known here/],
  [{ 'X-API-Key': '' }, /not known here/],
  [{ 'X-API-Key': sha256('alice-key-of-today') }, /not known here/],
  [{ 'X-API-Key': 'alice-key-of-today, alice-key-of-today' }, /not known here/],
  [{ Authorization: 'Bearer key-of-bob-and-carol', 'X-API-Key': 'alice-key-of-today' }, /different keys/],
])('point 30: %j is refused, and the answer does not repeat it', (headers, message) => {
  const refusal = expect(() => find(headers as unknown as Record<string, string>));
  refusal.toThrow(expect.objectContaining({ code: 'unauthorized', message: expect.stringMatching(message) }));
  for (const shown of Object.values(headers).filter((value) => value !== ''))
    refusal.not.toThrow(expect.objectContaining({ message: expect.stringContaining(shown) }));
});

test('an open API reads no header, whatever it holds', () => {
  const open = createKeyring(undefined);
  expect(open.open).toBe(true);
  expect(find({ Authorization: 'Bearer hf_any', 'X-API-Key': 'another' }, open)).toBeNull();
});

vi.mock('node:crypto', { spy: true });
test('every key is compared, also after the right one', async () => {
  const { timingSafeEqual } = await import('node:crypto');
  vi.mocked(timingSafeEqual).mockClear();
  find({ 'X-API-Key': 'alice-key-of-today' });
  expect(timingSafeEqual).toHaveBeenCalledTimes(4);
});
