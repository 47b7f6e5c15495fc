import { expect, test } from 'vitest';
import { loadConfig } from './load.ts';

const onSpace = { SPACE_ID: 'ann/demo' };

test.each([
  ['3.5', 3],
  ['0.5', 1],
  ['2', 2],
])('CPU_CORES=%s is %d', (CPU_CORES, cores) => {
  expect(loadConfig({ CPU_CORES }).cores).toBe(cores);
});

test.each(['0', '-1', 'two', '1025', '1e3'])('CPU_CORES=%s is refused, but on a Space left out', (CPU_CORES) => {
  expect(() => loadConfig({ CPU_CORES })).toThrow('CPU_CORES must be');
  const { cores, leftOut } = loadConfig({ ...onSpace, CPU_CORES });
  expect(cores).toBe(loadConfig({}).cores);
  expect(leftOut).toEqual(['CPU_CORES']);
});

test.each(['x', 'a/b/c', ' '])('SPACE_ID=%j means on a Space', (SPACE_ID) => {
  expect(loadConfig({ SPACE_ID })).toMatchObject({ onSpace: true, leftOut: [] });
});

test('what the platform sets in another form ends no start on a Space, and opens nothing', () => {
  const strange = {
    SPACE_HOST: 'https://a.example',
    SPACE_CREATOR_USER_ID: 'a b',
    OPENID_PROVIDER_URL: 'http://x.example',
  };
  const client = { OAUTH_CLIENT_ID: 'id', OAUTH_CLIENT_SECRET: 'secret' };
  const { operator, leftOut } = loadConfig({ ...onSpace, ...strange, ...client });
  expect(operator).toMatchObject({ hosts: [], ownerId: undefined, oauth: undefined }); // the secret is for no other provider
  expect(leftOut).toEqual(expect.arrayContaining([...Object.keys(strange), ...Object.keys(client)]));
  expect(() => loadConfig({ ...strange, ...client })).toThrow(/SPACE_HOST must.+SPACE_CREATOR_USER_ID must/s);
});

test("an operator's own variable is refused there as anywhere", () => {
  expect(() => loadConfig({ ...onSpace, CPU_CORES: 'two', PORT: 'http' })).toThrow(/^bad configuration: PORT [^;]+$/);
});

test.each([
  ['1Gi', 1024 ** 3],
  ['512Mi', 512 * 1024 ** 2],
  ['0.5Gi', 512 * 1024 ** 2],
])('MEMORY=%s is all that may be used on a Space, and nothing elsewhere', (MEMORY, memory) => {
  expect(loadConfig({ ...onSpace, MEMORY }).memory).toBe(memory);
  expect(loadConfig({ MEMORY }).memory).toBe(loadConfig({}).memory);
});

test.each(['9999Ti', 'much', '2048', '0Gi'])('MEMORY=%s says nothing', (MEMORY) => {
  expect(loadConfig({ ...onSpace, MEMORY }).memory).toBe(loadConfig({}).memory);
});
