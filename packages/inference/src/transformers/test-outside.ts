import { MessageChannel } from 'node:worker_threads';

/** Ways in which something from outside reaches a process that is computing: each needs its turn of the event loop. */
export const outside: [string, (run: () => void) => void][] = [
  ['a timer', (run) => setTimeout(run, 0)],
  ['the end of a turn', (run) => setImmediate(run)],
  [
    // read where messages of a parent process are read
    'a message',
    (run) => {
      const { port1, port2 } = new MessageChannel();
      port1.once('message', () => {
        port1.close();
        run();
      });
      port2.postMessage('stop');
    },
  ],
];
