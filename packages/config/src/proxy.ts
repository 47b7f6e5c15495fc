import { setGlobalProxyFromEnv } from 'node:http';

/**
 * Has every request of this process go through the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, as curl and
 * Python do; Node asks for it. Throws where one of them is no URL.
 */
export function useProxyFromEnvironment(): void {
  setGlobalProxyFromEnv();
}
