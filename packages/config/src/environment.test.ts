import { afterEach, expect, test, vi } from 'vitest';
import { environmentOf } from './environment.ts';

afterEach(() => void vi.unstubAllEnvs());

test('a program that is not ours gets what every program needs and what is named, and no secret', () => {
  for (const name of ['API_KEYS', 'HF_TOKEN', 'ADMIN_PASSWORD', 'MY_SETTING', 'OTHER'])
    vi.stubEnv(name, `${name}-value`);
  const environment = environmentOf(['MY_SETTING', 'NOT_SET'], { PORT: '1' });
  expect(environment).toMatchObject({ PATH: process.env.PATH, MY_SETTING: 'MY_SETTING-value', PORT: '1' });
  expect(Object.keys(environment)).not.toContain('NOT_SET');
  expect(JSON.stringify(environment)).not.toMatch(/API_KEYS|HF_TOKEN|ADMIN_PASSWORD|OTHER/);
});
