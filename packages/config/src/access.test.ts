import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { loadConfig } from './load.ts';

const hash = (key: string) => createHash('sha256').update(key).digest('hex');

test('keys are held by their hash, given plainly or hashed', () => {
  const text = `ann:correct-horse-battery, bob:sha256:${hash('staple').toUpperCase()}`;
  expect(loadConfig({ API_KEYS: text }).apiKeys).toEqual([
    { name: 'ann', sha256: hash('correct-horse-battery') },
    { name: 'bob', sha256: hash('staple') },
  ]);
  expect(loadConfig({ API_KEYS: '' }).apiKeys).toBeUndefined();
});

test.each([
  ['API_KEYS', 'no-name-at-all-here'],
  ['API_KEYS', 'ann:short'],
  ['API_KEYS', ' , '],
  ['API_KEYS', `ann:sha256:${hash('staple').slice(1)}`],
  ['API_KEYS', `ann:sha265:${hash('staple')}`],
  ['API_KEYS', `ann:${hash('staple')}`],
  ['API_KEYS', `ann:SHA256:${createHash('sha256').update('staple').digest('base64')}`],
  ['API_KEYS', 'ann:correct horse battery'],
  ['API_KEYS', 'ann:correct-hörse-battery'],
  ['RATE_LIMIT', '60'],
  ['RATE_LIMIT', '0/1m'],
  ['RATE_LIMIT', '60/0m'],
  ['RATE_LIMIT', '60/1d'],
  ['WEBHOOK_SECRETS', 'whsec_short'],
  ['WEBHOOK_ALLOWED_HOSTS', 'http://hooks.internal'],
  ['ALLOWED_ORIGINS', 'app.example'],
  ['ALLOWED_ORIGINS', 'https://app.example/page'],
  ['ALLOWED_ORIGINS', 'https://app.example/'],
  ['ALLOWED_ORIGINS', 'https://app.example:443'],
  ['ALLOWED_ORIGINS', 'https://ann@app.example'],
  ['ALLOWED_ORIGINS', 'https://*.app.example'],
  ['ALLOWED_ORIGINS', 'https://app.example, *'],
  ['ALLOWED_ORIGINS', 'null'],
  ['ALLOWED_ORIGINS', ','],
])('%s=%s is refused', (name, value) => {
  expect(() => loadConfig({ [name]: value })).toThrow(new RegExp(`${name} (must|has)`));
});

test('a faulty key is not said again', () => {
  expect(() => loadConfig({ API_KEYS: 'ann:secret' })).not.toThrow('secret');
});

test.each([
  [undefined, { requests: 120, seconds: 60 }],
  ['100/1h', { requests: 100, seconds: 3_600 }],
  ['5/s', { requests: 5, seconds: 1 }],
  ['off', null],
])('RATE_LIMIT=%s', (text, limit) => {
  expect(loadConfig({ RATE_LIMIT: text }).rateLimit).toEqual(limit);
});

test('secrets and hosts are lists', () => {
  const secrets = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'];
  expect(loadConfig({ WEBHOOK_SECRETS: secrets.join(',') }).webhookSecrets).toEqual(secrets);
  expect(loadConfig({ WEBHOOK_ALLOWED_HOSTS: 'hooks.internal, 10.0.0.7:8080' }).webhookAllowedHosts).toEqual([
    'hooks.internal',
    '10.0.0.7:8080',
  ]);
});

test.each([
  [undefined, []],
  ['*', '*'],
  ['https://app.example, http://localhost:5173', ['https://app.example', 'http://localhost:5173']],
])('ALLOWED_ORIGINS=%s', (text, origins) => {
  expect(loadConfig({ ALLOWED_ORIGINS: text }).allowedOrigins).toEqual(origins);
});
