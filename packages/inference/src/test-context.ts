import type { Progress } from '@slipway/contract/jobs';
import type { RunContext } from './engine.ts';

/** A context that keeps what an engine tells, for tests; `given` replaces parts of it. */
export function testContext(given: Partial<RunContext> = {}) {
  const reports: Progress[] = [];
  const outputs: string[] = [];
  const logs: string[] = [];
  const context: RunContext = {
    report: (progress) => reports.push(progress),
    output: (text) => outputs.push(text),
    log: (line) => logs.push(line),
    signal: new AbortController().signal,
    ...given,
  };
  return { context, reports, outputs, logs };
}
