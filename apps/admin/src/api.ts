import { createClient } from '@slipway/client/client';

/** The page's one way to the service, which is the page's own origin. */
export const client = createClient({ baseUrl: window.location.origin });
