import { useSyncExternalStore } from 'react';

/** The job that the address names, as `#job=<id>`; so a reload, a bookmark and the back button show it again. */
export function useJobId(): string | null {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return new URLSearchParams(hash.slice(1)).get('job');
}

export function setJobId(id: string): void {
  window.location.hash = new URLSearchParams({ job: id }).toString();
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}
