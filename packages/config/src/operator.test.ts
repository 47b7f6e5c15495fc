import { expect, test } from 'vitest';
import { loadConfig } from './load.ts';
import { hasSignInLink } from './operator.ts';

const operator = (environment: Record<string, string>) => loadConfig(environment).operator;

test('with nothing set there is no way in', () => {
  expect(operator({})).toEqual({
    password: undefined,
    viewerPassword: undefined,
    oauth: undefined,
    ownerId: undefined,
    users: [],
    viewers: [],
    organizations: [],
    hosts: [],
  });
});

test('the client of the Hub needs an id and a secret', () => {
  expect(operator({ OAUTH_CLIENT_ID: 'an-id' }).oauth).toBeUndefined();
  expect(operator({ OAUTH_CLIENT_SECRET: 'a-secret' }).oauth).toBeUndefined();
  expect(operator({ OAUTH_CLIENT_ID: 'an-id', OAUTH_CLIENT_SECRET: 'a-secret' }).oauth).toEqual({
    clientId: 'an-id',
    clientSecret: 'a-secret',
    scopes: 'openid profile',
    providerUrl: 'https://huggingface.co',
  });
});

test('names and hosts are lists, in lower case', () => {
  const given = { ADMIN_USERS: 'Ann, bob', ADMIN_ORGS: 'Acme', SPACE_HOST: 'ann-demo.hf.space,demo.acme.example' };
  expect(operator(given)).toMatchObject({
    users: ['ann', 'bob'],
    organizations: ['acme'],
    hosts: ['ann-demo.hf.space', 'demo.acme.example'],
  });
});

test.each([
  ['ADMIN_PASSWORD', 'elevenchars'],
  ['ADMIN_PASSWORD', 'two lines\nof it'],
  ['ADMIN_USERS', 'ann bob'],
  ['ADMIN_ORGS', ' , '],
  ['SPACE_HOST', 'https://ann-demo.hf.space'],
  ['OPENID_PROVIDER_URL', 'http://huggingface.co'],
  ['OPENID_PROVIDER_URL', 'http://localhost.attacker.example'],
  ['OPENID_PROVIDER_URL', 'https://user@huggingface.co'],
  ['OPENID_PROVIDER_URL', 'huggingface.co'],
])('%s=%j is refused, and not said again', (name, value) => {
  expect(() => loadConfig({ [name]: value })).toThrow(new RegExp(`${name} must`));
  expect(() => loadConfig({ [name]: value })).not.toThrow(value);
});

test('a password with the line break of its file says what is wrong', () => {
  const given = { ADMIN_PASSWORD: 'correct horse battery\n' };
  expect(() => loadConfig(given)).toThrow('ADMIN_PASSWORD must be one line of 12 to 1000 characters');
});

test.each([
  [true, {}],
  [true, { ADMIN_VIEWER_PASSWORD: 'only to look around' }],
  [false, { ADMIN_PASSWORD: 'correct horse battery' }],
  [false, { OAUTH_CLIENT_ID: 'id', OAUTH_CLIENT_SECRET: 'secret' }],
  [false, { SPACE_ID: 'ann/demo' }],
])('a link signs in: %s, with %j', (expected, environment) => {
  const { onSpace, operator } = loadConfig(environment as Record<string, string>);
  expect(hasSignInLink(onSpace, operator)).toBe(expected);
});

test('a provider on this machine may be without TLS', () => {
  const given = { OAUTH_CLIENT_ID: 'a', OAUTH_CLIENT_SECRET: 'b', OPENID_PROVIDER_URL: 'http://127.0.0.1:4000' };
  expect(operator(given).oauth?.providerUrl).toBe('http://127.0.0.1:4000');
});
