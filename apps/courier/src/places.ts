/** Bounds how many requests run to one host at once, so that a slow receiver never takes the places of all. */
export interface Places {
  /** Gives the place back when called; undefined where the host has none free. */
  take(host: string): (() => void) | undefined;
  /** After how many milliseconds to ask again. Those that wait for a host get times one after the other. */
  waitMs(host: string): number;
}

interface Host {
  busy: number;
  /** When the last of those that wait asks again. */
  lastAskAt: number;
  /** How long its latest request took, and since when the one taken last runs. */
  tookMs: number;
  startedAt: number;
}

const shortestStepMs = 5;
/** Nobody asks later than this: the host may have become faster. */
const longestWaitMs = 60_000;

export function createPlaces(perHost: number, now: () => number = performance.now.bind(performance)): Places {
  const hosts = new Map<string, Host>();
  return {
    take(name) {
      const host = hosts.get(name) ?? { busy: 0, lastAskAt: 0, tookMs: 0, startedAt: 0 };
      if (host.busy >= perHost) return undefined;
      hosts.set(name, host);
      host.busy += 1;
      const startedAt = now();
      host.startedAt = startedAt;
      return () => {
        host.busy -= 1;
        const tookMs = now() - startedAt;
        // the times that were given out belong to a host much slower than this one
        if (tookMs < host.tookMs / 2) host.lastAskAt = now();
        host.tookMs = tookMs;
        if (host.busy === 0 && host.lastAskAt <= now()) hosts.delete(name);
      };
    },
    waitMs(name) {
      const host = hosts.get(name);
      if (!host) return shortestStepMs;
      const slownessMs = Math.max(host.tookMs, now() - host.startedAt);
      const stepMs = Math.max(shortestStepMs, slownessMs / perHost);
      const askAt = Math.max(now(), host.lastAskAt) + stepMs;
      // kept no later than it is told, or the line of times would run hours ahead of a host that has recovered
      host.lastAskAt = Math.min(askAt, now() + longestWaitMs);
      return Math.ceil(host.lastAskAt - now());
    },
  };
}
