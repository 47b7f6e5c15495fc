import type { Readiness } from '@slipway/contract/readiness';

/** What the page says of the service in one line. */
export interface ReadinessView {
  state: 'model' | 'extractive' | 'none';
  text: string;
}

export function viewReadiness({ ready, parts, tasks }: Readiness): ReadinessView {
  const now = tasks.summarize;
  if (!ready || !now?.engine) return { state: 'none', text: `Can't answer now: ${why(parts, now?.reason)}` };
  if (now.engine === 'extractive')
    return { state: 'extractive', text: `Answers now: extractive engine. ${now.reason}` };
  const model = now.model ? ` ${now.model.id}` : '';
  return { state: 'model', text: `Answers now: model${model}. ${now.reason}` };
}

/** The parts that are down say more than the engine does, which then can't be asked. */
function why(parts: Readiness['parts'], engineReason: string | undefined): string {
  const down = parts.filter(({ state }) => state === 'down').map(({ name, reason }) => `${name}: ${reason}`);
  return down.join(' ') || engineReason || 'no worker has called yet.';
}
