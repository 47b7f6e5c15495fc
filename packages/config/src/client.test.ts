import { expect, test } from 'vitest';
import { clientDefaults } from './client.ts';

test('a program finds the house on this machine, without a key, unless told otherwise', () => {
  expect(clientDefaults({})).toEqual({ url: 'http://localhost:7860', apiKey: undefined });
  expect(clientDefaults({ PORT: '8080' }).url).toBe('http://localhost:8080');
  expect(clientDefaults({ PORT: '8080', SLIPWAY_URL: 'https://x.test' }).url).toBe('https://x.test');
  expect(clientDefaults({ SLIPWAY_URL: '', SLIPWAY_API_KEY: ' ' }).apiKey).toBeUndefined();
  expect(clientDefaults({ SLIPWAY_URL: ' https://x.test/below ', SLIPWAY_API_KEY: 'key\n' })).toEqual({
    url: 'https://x.test/below',
    apiKey: 'key',
  });
});
