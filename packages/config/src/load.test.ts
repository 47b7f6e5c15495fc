import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { envSchema } from './env.ts';
import { ConfigError, loadConfig } from './load.ts';

test('point 13: with nothing set there is a whole configuration', () => {
  const config = loadConfig({});
  expect(config).toMatchObject({
    port: 7860,
    engine: 'auto',
    redisIsOurs: true,
    hubEndpoint: 'https://huggingface.co',
  });
  expect(config.redisUrl).toBe(`unix://${config.redisSocket}`);
  expect(config.models.summarize).toMatchObject({ id: 'Xenova/distilbart-cnn-6-6', dtype: 'q8' });
  expect(config.models.summarize?.revision).toMatch(/^[0-9a-f]{40}$/);
});

test('an empty value counts as not set', () => {
  expect(loadConfig({ PORT: '', ENGINE: '', REDIS_URL: '' })).toEqual(loadConfig({}));
});

test('instances on different ports share no file', () => {
  const one = loadConfig({ PORT: '7860' });
  const other = loadConfig({ PORT: '7861' });
  expect(one.runDir).not.toBe(other.runDir);
  expect(one.redisSocket).not.toBe(other.redisSocket);
});

test('every bad variable is named in one error, and no value is repeated', () => {
  const bad = { PORT: '99999', ENGINE: 'magic', REDIS_URL: 'secret-host', SUMMARIZE_MODEL: '../../etc' };
  expect(() => loadConfig(bad)).toThrow(ConfigError);
  try {
    loadConfig(bad);
  } catch (error) {
    const { message } = error as Error;
    for (const name of Object.keys(bad)) expect(message).toContain(name);
    expect(message).not.toMatch(/99999|secret|etc/);
  }
});

test.each(['0', '-1', '7860.5', '0x1EB4', ' 80', '65536', 'http'])('PORT=%j is refused', (PORT) => {
  expect(() => loadConfig({ PORT })).toThrow(/PORT/);
});

test.each(['a/b/c', 'a', '/a', '../b', 'a/..', 'a/b c', 'a/.b/../c'])(
  'SUMMARIZE_MODEL=%j is refused',
  (SUMMARIZE_MODEL) => {
    expect(() => loadConfig({ SUMMARIZE_MODEL })).toThrow(/SUMMARIZE_MODEL/);
  },
);

test('another model does not get the revision and number format of the default one', () => {
  expect(loadConfig({ MODEL_NAME: 'made/copier' }).models.summarize).toEqual({
    task: 'summarize',
    id: 'made/copier',
    revision: 'main',
    dtype: 'fp32',
  });
  expect(
    loadConfig({ MODEL_NAME: 'a/b', SUMMARIZE_MODEL: 'c/d', SUMMARIZE_MODEL_DTYPE: 'q4' }).models.summarize,
  ).toEqual({
    task: 'summarize',
    id: 'c/d',
    revision: 'main',
    dtype: 'q4',
  });
});

test('an empty model turns its task off, and no other', () => {
  const { models } = loadConfig({ CHAT_MODEL: '' });
  expect(models.chat).toBeNull();
  expect(models.summarize).not.toBeNull();
  expect(loadConfig({ SUMMARIZE_MODEL: '', MODEL_NAME: 'a/b' }).models.summarize).toBeNull();
});

test('.env.example has every variable of the schema and no other', () => {
  const file = readFileSync(path.resolve(import.meta.dirname, '../../../.env.example'), 'utf8');
  const names = [...file.matchAll(/^#([A-Z_]+)=/gm)].map((match) => match[1]);
  expect(names.toSorted()).toEqual(Object.keys(envSchema.shape).toSorted());
});

test('the defaults that .env.example shows are the real ones', () => {
  const file = readFileSync(path.resolve(import.meta.dirname, '../../../.env.example'), 'utf8');
  const shown = Object.fromEntries([...file.matchAll(/^#([A-Z_]+)=(.+)$/gm)].map(([, name, value]) => [name, value]));
  delete shown.DATA_DIR; // its default depends on what can be written, so the launcher picks it
  expect(loadConfig(shown)).toEqual(loadConfig({}));
});
