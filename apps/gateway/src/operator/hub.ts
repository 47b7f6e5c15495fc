import type { OAuthConfig } from '@slipway/config/operator';
import { CodedError } from '@slipway/contract/problems';
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  randomPKCECodeVerifier,
  randomState,
  type UserInfoResponse,
} from 'openid-client';
import type { HubUser } from './gate.ts';

/** A person waits for each of the provider's answers. */
const timeoutSeconds = 10;

/** What must come back with the person from the provider; it stays in their browser meanwhile. */
export interface Pending {
  state: string;
  verifier: string;
  redirectUri: string;
}

export interface HubSignIn {
  /** Where to send the browser. Throws CodedError `upstream_unavailable`. */
  begin(redirectUri: string): Promise<{ url: string; pending: Pending }>;
  /**
   * Who came back, from the query that they came with. Throws CodedError `invalid_request` for what does not belong to
   * `pending`, `forbidden` where the provider or the person said no, or `upstream_unavailable`.
   */
  finish(query: string, pending: Pending): Promise<HubUser>;
}

/**
 * The code flow of OpenID Connect with state and PKCE (S256); openid-client holds the provider to its issuer, in
 * its metadata as in its answers.
 */
export function hubSignIn({ clientId, clientSecret, scopes, providerUrl }: OAuthConfig): HubSignIn {
  let known: Promise<Configuration> | undefined;

  /** Asked once; asked again after a failure. */
  function provider(): Promise<Configuration> {
    const execute = providerUrl.startsWith('http:') ? [allowInsecureRequests] : []; // only this machine's (config)
    known ??= discovery(new URL(providerUrl), clientId, undefined, basic(clientId, clientSecret), {
      execute,
      timeout: timeoutSeconds,
    }).catch((error: unknown) => {
      known = undefined;
      throw unavailable(error);
    });
    return known;
  }

  return {
    async begin(redirectUri) {
      const pending = { state: randomState(), verifier: randomPKCECodeVerifier(), redirectUri };
      const url = buildAuthorizationUrl(await provider(), {
        redirect_uri: redirectUri,
        scope: scopes,
        state: pending.state,
        code_challenge: await calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, pending };
    },
    async finish(query, { state, verifier, redirectUri }) {
      const url = new URL(redirectUri); // not as it was asked: inside, the scheme and the port are others
      url.search = query;
      if (url.searchParams.get('state') !== state)
        throw new CodedError('invalid_request', 'This sign-in was not begun here, or another was begun since.');
      const configuration = await provider();
      try {
        const checks = { expectedState: state, pkceCodeVerifier: verifier, idTokenExpected: true };
        const tokens = await authorizationCodeGrant(configuration, url, checks);
        const subject = tokens.claims()?.sub ?? '';
        return userOf(await fetchUserInfo(configuration, tokens.access_token, subject));
      } catch (error) {
        if (error instanceof AuthorizationResponseError)
          throw new CodedError('forbidden', 'The sign-in was refused there.', { cause: error });
        throw unavailable(error);
      }
    },
  };
}

/**
 * Basic credentials, and the client's id in the form besides, as the Hub's documentation asks. The library's own also
 * escapes `-`, which is allowed, but the Hub's ids hold it, and a server that does not unescape would not know them
 * (RFC 6749, 2.3.1).
 */
function basic(clientId: string, clientSecret: string): ClientAuth {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);
  const credentials = btoa(`${encode(clientId)}:${encode(clientSecret)}`);
  return (_server, _client, body, headers) => {
    headers.set('Authorization', `Basic ${credentials}`);
    body.set('client_id', clientId);
  };
}

function unavailable(cause: unknown): CodedError {
  return new CodedError('upstream_unavailable', 'The sign-in could not be done with its provider. Try again.', {
    cause,
  });
}

function userOf(info: UserInfoResponse): HubUser {
  const organizations = Array.isArray(info.orgs) ? info.orgs : [];
  return {
    id: info.sub,
    name: (info.preferred_username ?? '').toLowerCase(),
    organizations: organizations.flatMap((organization) => {
      const { preferred_username: name, roleInOrg: role, ...unmet } = Object(organization) as Record<string, unknown>;
      // the organisation asks for more than they have shown: its single sign-on, or a second factor
      if (typeof name !== 'string' || unmet.pendingSSO === true || unmet.missingMFA === true) return [];
      return [{ name: name.toLowerCase(), role: typeof role === 'string' ? role : undefined }];
    }),
  };
}
