/**
 * Loaded into pm2's process. Its standard input is a pipe that the launcher holds open: when the launcher is gone, for
 * whatever reason, the pipe ends, and pm2 gets the signal that stops everything in order.
 */
process.stdin.on('end', () => process.kill(process.pid, 'SIGINT'));
process.stdin.on('error', () => {});
process.stdin.resume();
