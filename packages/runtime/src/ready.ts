/** Tells the supervisor (pm2's wait_ready) that this process does its work now. Nothing where there is none. */
export function tellReady(): void {
  process.send?.('ready');
}
