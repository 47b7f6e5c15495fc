import { connect, type NetConnectOpts } from 'node:net';

/** Whether something on this machine takes connections on the port. */
export const portAnswers = (port: number) => answers({ port, host: '127.0.0.1' });

/** Whether something takes connections on the Unix socket. */
export const socketAnswers = (file: string) => answers({ path: file });

function answers(where: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(where);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
