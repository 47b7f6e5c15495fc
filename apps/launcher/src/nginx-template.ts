import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { frameAncestors, serviceFrameAncestors } from '@slipway/config/frame-ancestors';
import type { Config } from '@slipway/config/load';

const mimeTypes = ['/etc/nginx/mime.types', '/opt/homebrew/etc/nginx/mime.types', '/usr/local/etc/nginx/mime.types'];

/** What bodies under way may take of the disk together, in bytes, where that is enough for four of them. */
const uploadBytes = 2 * 1024 ** 3;

const uploadsAtOnce = (maxBodyBytes: number) => Math.min(256, Math.max(4, Math.floor(uploadBytes / maxBodyBytes)));

/** What the ${…} of nginx.conf stand for. */
export function nginxValues(
  config: Pick<Config, 'port' | 'runDir' | 'gatewaySocket' | 'maxBodyBytes' | 'cores' | 'onSpace'>,
  adminRoot: string,
  dev: boolean,
): Record<string, string> {
  return {
    // started by root, nginx would run its workers as "nobody", who may not enter our folders
    USER_LINE: userInfo().uid === 0 ? 'user root;' : '',
    WORKERS: String(Math.min(config.cores, 4)),
    RUN_DIR: config.runDir,
    GATEWAY_SOCKET: config.gatewaySocket,
    // in development Vite serves sources to whoever asks, so only this machine may
    LISTEN: dev ? `127.0.0.1:${config.port}` : String(config.port),
    MAX_BODY_BYTES: String(config.maxBodyBytes),
    UPLOADS: String(uploadsAtOnce(config.maxBodyBytes)),
    FRAME_ANCESTORS: frameAncestors(config.onSpace),
    SERVICE_FRAME_ANCESTORS: serviceFrameAncestors(config.onSpace),
    // the platform gives up after about a minute
    READ_SECONDS: config.onSpace ? '60' : '120',
    // a little more than the gateway waits (apps/gateway/src/dialects/run.ts)
    DIALECT_SECONDS: config.onSpace ? '60' : '660',
    ADMIN_ROOT: adminRoot,
    MIME_TYPES: mimeTypes.find((file) => existsSync(file)) ?? 'mime.types',
  };
}

/** Fills every ${NAME}. Throws on a name without a value, and on a value that would end its quotes. */
export function fillTemplate(template: string, values: Record<string, string>): string {
  return template.replace(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nginx.conf: \${${name}} has no value`);
    if (/["$\\]/.test(value)) throw new Error(`nginx.conf: the path ${value} holds a character that nginx cannot take`);
    return value;
  });
}
