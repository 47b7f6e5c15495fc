import type { OperatorConfig } from '@slipway/config/operator';
import type { OperatorRole } from '@slipway/contract/admin';

/** A user of the Hub, as the OpenID provider tells. Names are in lower case: the Hub has no two that differ in case. */
export interface HubUser {
  id: string;
  name: string;
  organizations: { name: string; role: string | undefined }[];
}

/** What somebody who has signed in on the Hub may be here; null for everybody who was not let in by the configuration. */
export function roleOfUser(
  { id, name, organizations }: HubUser,
  config: Pick<OperatorConfig, 'ownerId' | 'users' | 'viewers' | 'organizations'>,
): OperatorRole | null {
  if (id === config.ownerId || config.users.includes(name)) return 'operator';
  const own = organizations.filter((organization) => config.organizations.includes(organization.name));
  if (own.some(({ role }) => role === 'admin')) return 'operator';
  return own.length > 0 || config.viewers.includes(name) ? 'viewer' : null;
}

/** Sign-in with the Hub is set up, and nobody who comes from there is let in; nor is there any other way. */
export function letsNobodyIn(config: OperatorConfig): boolean {
  const { oauth, password, viewerPassword, ownerId, users, viewers, organizations } = config;
  if (oauth === undefined || (password ?? viewerPassword ?? ownerId) !== undefined) return false;
  return [...users, ...viewers, ...organizations].length === 0;
}
