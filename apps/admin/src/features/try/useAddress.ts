import { useSyncExternalStore } from 'react';
import { type Address, addressOf, parseAddress } from './address.ts';

/** An entry of the browser's history. */
export interface Entry extends Address {
  /** The job's input, for a form that shows it again. The entry keeps it over a reload and the back button. */
  sent: unknown;
}

/** The task and the job that the address names; so a reload, a bookmark and the back button show them again. */
export function useAddress(): Entry {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  const state: unknown = useSyncExternalStore(subscribe, () => window.history.state);
  const sent = typeof state === 'object' && state !== null && 'sent' in state ? state.sent : undefined;
  return { ...parseAddress(hash), sent };
}

export function goTo({ sent, ...address }: Entry): void {
  const hash = addressOf(address);
  try {
    window.history.pushState(sent === undefined ? null : { sent }, '', hash);
  } catch {
    // browsers bound what an entry may hold, at some megabytes
    window.history.pushState(null, '', hash);
  }
  // the browser tells of steps back and forth only
  window.dispatchEvent(new PopStateEvent('popstate'));
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('popstate', onChange);
  return () => window.removeEventListener('popstate', onChange);
}
