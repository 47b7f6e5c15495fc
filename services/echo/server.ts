/** An example of a service: a WebSocket that says back what it is told, and one page that says who asks. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const mostBytes = 1024 ** 2;

const server = createServer((request, response) => {
  const body = { service: 'echo', path: request.url, owner: request.headers['x-slipway-owner'] ?? null };
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
});
const sockets = new WebSocketServer({ server, maxPayload: mostBytes });
sockets.on('connection', (socket) => {
  socket.on('error', () => {}); // ws closes the socket by itself
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log('echo listens'));

process.once('SIGTERM', () => {
  for (const socket of sockets.clients) socket.close(1001, 'stopping');
  server.close();
  server.closeAllConnections();
});
