import { expect, test } from 'vitest';
import { seal, unseal } from './sealed.ts';

const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const value = { name: 'ann', expires: 2_000 };
const sealed = seal(key, 'session', value);

test('what was sealed comes back until it expires', () => {
  expect(unseal(key, 'session', sealed, 1_999)).toEqual(value);
  expect(unseal(key, 'session', sealed, 2_000)).toBeUndefined();
});

test('another key, another purpose and other words are nothing', () => {
  expect(unseal(other, 'session', sealed, 0)).toBeUndefined();
  expect(unseal(key, 'sign-in', sealed, 0)).toBeUndefined();
  const [, signature] = sealed.split('.');
  const forged = Buffer.from(JSON.stringify({ ...value, name: 'eve' })).toString('base64url');
  for (const text of [`${forged}.${signature}`, sealed.slice(0, -1), sealed.split('.')[0], '', '.', `${sealed}.x`])
    expect(unseal(key, 'session', text ?? '', 0)).toBeUndefined();
});
