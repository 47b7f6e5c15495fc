import { randomUUID } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Who holds something in the cache: written there, so that another process can tell whether its holder is dead. */
export interface Owner {
  /** 32 random bits in hex: one for each time that something is held. */
  nonce: string;
  pid: number;
  /** Where the pid means something: a host, and the pid namespace on it, which containers may not share. */
  place: string;
}

const held = new Set<string>();

export async function newOwner(): Promise<Owner> {
  const nonce = randomUUID().slice(0, 8);
  held.add(nonce);
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return { nonce, pid: process.pid, place: `${hostname()} ${namespace}` };
}

/** Nothing is held any more under this name. */
export function retire({ nonce }: Owner): void {
  held.delete(nonce);
}

/** Whether the owner certainly holds nothing any more. False also where that can't be known from here. */
export function isGone(owner: Owner, me: Owner): boolean {
  if (owner.place !== me.place) return false;
  // after a restart a process may have the number that the dead one had
  return owner.pid === me.pid ? !held.has(owner.nonce) : !isAlive(owner.pid);
}

/** Undefined where the text is not what an owner writes: cut off, say. */
export function parseOwner(text: string): Owner | undefined {
  try {
    const { nonce, pid, place } = JSON.parse(text) as Partial<Owner>;
    const sound = typeof nonce === 'string' && Number.isInteger(pid) && typeof place === 'string';
    return sound ? { nonce, pid: Number(pid), place } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // another user's process may not be signalled, but it is there
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
