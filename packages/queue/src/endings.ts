import { CodedError } from '@slipway/contract/problems';
import type { Redis } from 'ioredis';
import { endChannel } from './end.ts';
import { parseFailure } from './failure.ts';

/** Hears which running jobs are to end. */
export interface Endings {
  /** The signal is aborted, with a CodedError, when the job is to end. Call `forget` with it when it has ended anyway. */
  listen(id: string): AbortSignal;
  /** Ends one that this process runs. */
  end(id: string, reason: string): void;
  forget(id: string, signal: AbortSignal): void;
  close(): void;
}

/** `connection` is duplicated: one that is subscribed can do nothing else. */
export function openEndings(connection: Redis, prefix: string): Endings {
  const running = new Map<string, AbortController>();
  const end = (id: string, reason: string) => {
    const { code, message } = parseFailure(reason);
    running.get(id)?.abort(new CodedError(code, message));
  };
  const subscriber = connection.duplicate();
  subscriber.on('error', () => {}); // the connection's own listener reports outages
  subscriber.on('message', (_channel, message: string) => {
    const space = message.indexOf(' ');
    end(message.slice(0, space), message.slice(space + 1));
  });
  // ioredis subscribes anew after each reconnect; what is missed meanwhile stands in the job (see end.ts)
  subscriber.subscribe(endChannel(prefix)).catch(() => {});
  return {
    listen(id) {
      const abort = new AbortController();
      running.set(id, abort);
      return abort.signal;
    },
    end,
    forget(id, signal) {
      // a job whose lock was lost may run here a second time already
      if (running.get(id)?.signal === signal) running.delete(id);
    },
    close: () => subscriber.disconnect(),
  };
}
