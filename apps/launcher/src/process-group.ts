/** Sends a signal to a process and all that it started, where it was spawned as a group of its own (`detached`). */
export function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid) process.kill(-pid, name);
  } catch {
    // nobody is left in it
  }
}
