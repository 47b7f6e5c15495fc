import { useEffect, useState } from 'react';
import { client } from '../../api.ts';
import { type ReadinessView, viewReadiness } from './readinessView.ts';

/** Pauses between two looks in milliseconds: until a model answers, and after. */
const soonMs = 5_000;
const rarelyMs = 60_000;

const unreachable: ReadinessView = { state: 'none', text: "The service can't be reached." };

/** What the service says of itself, looked at again and again; null before the first answer. */
export function useReadiness(): ReadinessView | null {
  const [view, setView] = useState<ReadinessView | null>(null);
  useEffect(() => {
    let stopped = false;
    let timer: number | undefined;
    const look = async () => {
      const next = await client.readiness().then(viewReadiness, () => unreachable);
      if (stopped) return;
      setView(next);
      timer = window.setTimeout(look, next.state === 'model' ? rarelyMs : soonMs);
    };
    void look();
    return () => {
      stopped = true;
      window.clearTimeout(timer);
    };
  }, []);
  return view;
}
