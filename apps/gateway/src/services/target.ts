import type { RunningService } from '@slipway/config/running-services';
import { CodedError } from '@slipway/contract/problems';

export interface Target<S> {
  service: S;
  /** What the service is asked for: path and query without the prefix. */
  url: string;
}

/**
 * Which service a request is for, by its target as it came in: what is judged is what is passed on. Undefined for what is
 * not under the path of one, absolute-form targets too. Throws CodedError `invalid_request` for a path that leads out of
 * the service's own once somebody decodes it.
 */
export function targetOf<S extends Pick<RunningService, 'path'>>(services: S[], url: string): Target<S> | undefined {
  const [path = '', ...query] = url.split('?');
  const service = services.find((service) => path === service.path || path.startsWith(`${service.path}/`));
  if (!service) return undefined;
  const inner = path.slice(service.path.length);
  if (leadsElsewhere(inner)) throw new CodedError('invalid_request', 'The path holds dots that lead elsewhere.');
  // a second slash in front would make the rest look like a host
  const start = inner.replace(/^\/+/, '/') || '/';
  return { service, url: [start, ...query].join('?') };
}

/** Nobody encodes a path more often than this in good faith. */
const mostRounds = 4;

/** A `.` or `..` between slashes of either kind, however often they are encoded; control characters too. */
function leadsElsewhere(path: string): boolean {
  let decoded = path;
  for (let round = 0, before = ''; before !== decoded; round++) {
    if (round > mostRounds) return true;
    if (decoded.split(/[/\\]/).some((part) => /^\.\.?(;|$)/.test(part))) return true;
    before = decoded;
    decoded = decoded.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
  return /[\x00-\x1f\x7f]/.test(decoded);
}
