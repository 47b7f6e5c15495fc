import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const client = { id: 'our-id', secret: 'our-secret-of-the-hub' };

export interface Account {
  sub: string;
  preferred_username: string;
  orgs: { preferred_username: string; roleInOrg: string; pendingSSO?: boolean; missingMFA?: boolean }[];
}

export interface TestProvider {
  url: string;
  /** What the provider was asked for, with the way the client named itself. */
  asked: { path: string; authorization: string | undefined }[];
  /** Follows the provider's pages as this user, or as one who says no, back to the address that it sends people to. */
  visit(url: string, account: Account | null): Promise<URL>;
  close(): Promise<void>;
}

/**
 * An OpenID provider on loopback that speaks as the Hub does: `orgs` in userinfo, Basic credentials, PKCE required.
 * `Provider` is oidc-provider's, which comes without types.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above
export async function startProvider(Provider: any, redirectUris: string[]): Promise<TestProvider> {
  const accounts = new Map<string, Account>();
  const asked: TestProvider['asked'] = [];
  let visitor: Account | null = null;

  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(url, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: redirectUris,
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['a-key-of-the-test'] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['preferred_username', 'orgs'] },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => accounts.get(id) }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
  });

  /** The pages of the provider, in short: the visitor signs in and agrees, or says no. */
  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (visitor === null)
      return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'no' });
    accounts.set(visitor.sub, visitor);
    const grant = new provider.Grant({ accountId: visitor.sub, clientId: client.id });
    grant.addOIDCScope('openid profile');
    const result = { login: { accountId: visitor.sub }, consent: { grantId: await grant.save() } };
    return provider.interactionFinished(request, response, result);
  }

  const serve = provider.callback();
  server.on('request', (request, response) => {
    const { pathname: path } = new URL(request.url ?? '', url);
    asked.push({ path, authorization: request.headers.authorization });
    if (path.startsWith('/interaction/')) void interact(request, response);
    else serve(request, response);
  });

  return {
    url,
    asked,
    async visit(start, account) {
      visitor = account;
      const jar = new Map<string, string>();
      let at = new URL(start);
      while (at.origin === url) {
        const headers = { Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') };
        const answer = await fetch(at, { redirect: 'manual', headers });
        for (const cookie of answer.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
          jar.set(name, value);
        }
        const next = answer.headers.get('Location');
        if (next === null) throw new Error(`the provider stays at ${at.pathname}: ${await answer.text()}`);
        at = new URL(next, at);
      }
      return at;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
