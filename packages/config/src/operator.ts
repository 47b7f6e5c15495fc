import { z } from 'zod';
import { parseList } from './access.ts';

/** Who may sign in as the operator, and how. */
export interface OperatorConfig {
  /** Makes an operator of whoever knows it. */
  password: string | undefined;
  /** Makes a viewer. */
  viewerPassword: string | undefined;
  /** The OpenID provider; the Hub gives it to a Space that has `hf_oauth`. */
  oauth: OAuthConfig | undefined;
  /** The Hub's id of who made the Space: always an operator. */
  ownerId: string | undefined;
  /** Names on the Hub, in lower case. */
  users: string[];
  viewers: string[];
  organizations: string[];
  /** Hosts that the platform serves this Space at, the one for sign-in first; empty off a Space. */
  hosts: string[];
}

export interface OAuthConfig {
  clientId: string;
  clientSecret: string;
  scopes: string;
  /** The issuer, to the letter. */
  providerUrl: string;
}

const plain = (pattern: RegExp, message: string) => z.string().regex(pattern, message);
const list = (pattern: RegExp, message: string) =>
  z.string().transform((text, context) => parseList(text, context, pattern, message).map((name) => name.toLowerCase()));
const password = () => plain(/^[^\r\n]{12,1000}$/, 'must be one line of 12 to 1000 characters');
const hubName = /^[\w.-]+$/;

/** The variables, each without what makes it optional (env.ts). */
export const operatorVariables = {
  password,
  names: () => list(hubName, 'must be names on the Hub'),
  opaque: () => plain(/^\S+$/, 'must have no blanks or line breaks'),
  scopes: () => plain(/^[\x21-\x7e]+( +[\x21-\x7e]+)* *$/, 'must be names with blanks between them'),
  provider: () =>
    z.string().refine(isSafeUrl, 'must be an https URL (http only for this machine), without a user name or a query'),
  hosts: () => list(/^[\w.-]+(:\d{1,5})?$/, 'must be host names'),
};

/** Plain HTTP would show the client's secret to the network. */
function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.search !== '' || url.hash !== '') return false;
  return (
    url.protocol === 'https:' || (url.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname))
  );
}

export interface OperatorEnv {
  ADMIN_PASSWORD?: string | undefined;
  ADMIN_VIEWER_PASSWORD?: string | undefined;
  ADMIN_USERS?: string[] | undefined;
  ADMIN_VIEWERS?: string[] | undefined;
  ADMIN_ORGS?: string[] | undefined;
  OAUTH_CLIENT_ID?: string | undefined;
  OAUTH_CLIENT_SECRET?: string | undefined;
  OAUTH_SCOPES?: string | undefined;
  OPENID_PROVIDER_URL?: string | undefined;
  SPACE_HOST?: string[] | undefined;
  SPACE_CREATOR_USER_ID?: string | undefined;
}

export function operatorConfig(env: OperatorEnv): OperatorConfig {
  return {
    password: env.ADMIN_PASSWORD,
    viewerPassword: env.ADMIN_VIEWER_PASSWORD,
    oauth: oauthConfig(env),
    ownerId: env.SPACE_CREATOR_USER_ID,
    users: env.ADMIN_USERS ?? [],
    viewers: env.ADMIN_VIEWERS ?? [],
    organizations: env.ADMIN_ORGS ?? [],
    hosts: env.SPACE_HOST ?? [],
  };
}

/** Whether the operator signs in by a link: this is not a Space, whose log others may read, and nothing else is set up. */
export const hasSignInLink = (onSpace: boolean, { password, oauth }: OperatorConfig) =>
  !onSpace && password === undefined && oauth === undefined;

/** Undefined unless both the id and the secret of a client are given: one alone is no way in. */
function oauthConfig(env: OperatorEnv): OAuthConfig | undefined {
  const { OAUTH_CLIENT_ID: clientId, OAUTH_CLIENT_SECRET: clientSecret } = env;
  if (clientId === undefined || clientSecret === undefined) return undefined;
  return {
    clientId,
    clientSecret,
    scopes: env.OAUTH_SCOPES ?? 'openid profile',
    providerUrl: env.OPENID_PROVIDER_URL ?? 'https://huggingface.co',
  };
}
