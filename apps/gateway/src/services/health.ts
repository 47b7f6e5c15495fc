import type { RunningService } from '@slipway/config/running-services';
import type { Part } from '@slipway/contract/readiness';

type Asked = Pick<RunningService, 'name' | 'port' | 'path' | 'health'>;

/** Longest wait for an answer, and how long an answer counts, in milliseconds: `/readyz` is asked without end. */
const limitMs = 2_000;
const freshMs = 1_000;

/** How the services stand, each by its `health`. */
export function serviceHealth(services: Asked[]): () => Promise<Part[]> {
  let known: { at: number; parts: Promise<Part[]> } | undefined;
  return () => {
    const now = performance.now();
    if (!known || now - known.at >= freshMs) known = { at: now, parts: Promise.all(services.map(partOf)) };
    return known.parts;
  };
}

async function partOf({ name, port, path, health }: Asked): Promise<Part> {
  const part = (state: Part['state'], reason: string): Part => ({ name: `service ${name}`, state, reason });
  try {
    const signal = AbortSignal.timeout(limitMs);
    const answer = await fetch(`http://127.0.0.1:${port}${health}`, { signal, redirect: 'manual' });
    await answer.body?.cancel();
    if (answer.status < 400) return part('ok', `Answers at ${path}.`);
    return part('degraded', `Answers at ${path}, but ${health} gives ${answer.status}.`);
  } catch (error) {
    if ((error as Error).name === 'TimeoutError')
      return part('down', `No answer to ${health} within ${limitMs / 1_000} s.`);
    return part('down', `No answer to ${health}: ${causeOf(error as Error)}.`);
  }
}

/** What fetch hides behind "fetch failed": ECONNREFUSED, or what was wrong with an answer. */
function causeOf({ cause, message }: Error): string {
  const { code, message: reason } = Object(cause) as { code?: unknown; message?: unknown };
  return String(code ?? reason ?? message);
}
