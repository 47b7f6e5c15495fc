import type { Log } from '@slipway/runtime/log';
import { connectConsumer } from './connection.ts';
import { newsChannel } from './events.ts';
import { defaultPrefix } from './queues.ts';

/** Hears, over one connection for the whole process, that there is something new about the jobs that somebody follows. */
export interface Watcher {
  watch(jobId: string): Watch;
  close(): void;
}

/** One who follows one job. */
export interface Watch {
  /** Resolves at news since the last call, or after `ms` without any, or when the signal is aborted. */
  news(ms: number, signal: AbortSignal): Promise<void>;
  stop(): void;
}

export interface WatcherOptions {
  url: string;
  log: Log;
  prefix?: string;
}

export function openWatcher({ url, log, prefix = defaultPrefix }: WatcherOptions): Watcher {
  const subscriber = connectConsumer(url, log);
  const wakers = new Map<string, Set<() => void>>();
  const wake = (channel: string) => {
    for (const waker of wakers.get(channel) ?? []) waker();
  };
  subscriber.on('message', wake);
  // ioredis subscribes anew after a reconnect; what was told meanwhile is only to be read
  subscriber.on('ready', () => {
    for (const channel of wakers.keys()) wake(channel);
  });

  function watch(jobId: string): Watch {
    const channel = newsChannel(prefix, jobId);
    let fresh = false;
    let listener: (() => void) | undefined;
    const waker = () => {
      fresh = true;
      listener?.();
    };
    const others = wakers.get(channel);
    if (others) others.add(waker);
    else {
      wakers.set(channel, new Set([waker]));
      // what was told before the subscription holds is to be read then
      subscriber.subscribe(channel).then(
        () => wake(channel),
        () => {},
      );
    }
    return {
      async news(ms, signal) {
        if (!fresh && !signal.aborted)
          await new Promise<void>((resolve) => {
            const done = () => {
              clearTimeout(timer);
              // the signal may live as long as the process, and would keep the listener
              signal.removeEventListener('abort', waker);
              resolve();
            };
            const timer = setTimeout(done, ms);
            listener = done;
            signal.addEventListener('abort', waker, { once: true });
          });
        listener = undefined;
        fresh = false;
      },
      stop() {
        const watching = wakers.get(channel);
        watching?.delete(waker);
        if (watching?.size !== 0) return;
        wakers.delete(channel);
        subscriber.unsubscribe(channel).catch(() => {});
      },
    };
  }

  return { watch, close: () => subscriber.disconnect() };
}
