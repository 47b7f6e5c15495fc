import type { RequestIdVariables } from 'hono/request-id';

/** Who asks, as the access middleware found out. */
export interface Caller {
  /** Name of the key that was shown; null where the API is open. */
  owner: string | null;
  /** What limits are counted by: the key's name, or the address. */
  client: string;
}

/** What middleware leaves on the context for routes. */
export interface Variables extends RequestIdVariables {
  caller: Caller;
}
export interface AppEnv {
  Variables: Variables;
}
