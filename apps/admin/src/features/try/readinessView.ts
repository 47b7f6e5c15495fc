import type { ModelStatus } from '@slipway/contract/engines';
import type { Readiness } from '@slipway/contract/readiness';
import type { TaskName } from '@slipway/contract/tasks';
import { sentence } from '../../ui/sentence.ts';

/** What the page says of a task in one line. */
export interface ReadinessView {
  state: 'asking' | 'ready' | 'extractive' | 'coming' | 'none' | 'off';
  text: string;
}

/** `readiness` is undefined before the first answer and null while the service is out of reach. */
export function viewReadiness(readiness: Readiness | null | undefined, task: TaskName): ReadinessView {
  if (readiness === undefined) return { state: 'asking', text: 'Asking the service how it is…' };
  if (readiness === null) return { state: 'none', text: "The service can't be reached." };
  const { ready, parts, tasks } = readiness;
  const now = tasks[task];
  if (isOff(readiness, task)) return { state: 'off', text: 'Turned off on this instance.' };
  // a job that is handed in waits for it
  if (ready && now?.engine === null && isComing(now.model))
    return { state: 'coming', text: `Jobs wait for model ${now.model?.id}. ${sentence(now.model?.reason ?? '')}` };
  if (!ready || !now?.engine) return { state: 'none', text: `Can't answer now: ${why(parts, now?.reason)}` };
  if (now.engine === 'extractive')
    return { state: 'extractive', text: `Answers now: extractive engine. ${sentence(now.reason)}` };
  const by = now.model ? `model ${now.model.id}` : `${now.engine} engine`;
  return { state: 'ready', text: `Answers now: ${by}. ${sentence(now.reason)}` };
}

/** A worker tells of every task that it does; while none has called, nothing is known to be off. */
export function isOff(readiness: Readiness | null | undefined, task: TaskName): boolean {
  return readiness != null && Object.keys(readiness.tasks).length > 0 && !Object.hasOwn(readiness.tasks, task);
}

const isComing = (model: ModelStatus | null) =>
  model !== null && ['pending', 'downloading', 'loading'].includes(model.state);

/** The parts that are down say more than the engine does, which then can't be asked. */
function why(parts: Readiness['parts'], engineReason: string | undefined): string {
  const down = parts.filter(({ state }) => state === 'down').map(({ name, reason }) => `${name}: ${sentence(reason)}`);
  return down.join(' ') || sentence(engineReason ?? 'no worker has called yet');
}
