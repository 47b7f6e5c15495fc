import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

/** A real process, because the signals and the exit code are the point. */
async function stopProcess(signals: NodeJS.Signals[]) {
  const script = `
    import { createLog } from '${import.meta.dirname}/log.ts';
    import { stopOnSignal } from '${import.meta.dirname}/stop.ts';
    const say = (word) => console.log('step:' + word);
    stopOnSignal(createLog('test', 'warn'), [
      { name: 'other', run: () => say('other'), waitsForOther: true },
      { name: 'one', run: () => new Promise((done) => setTimeout(() => done(say('one')), 50)) },
      { name: 'throws', run: () => { say('throws'); throw new Error('x'); } },
      { name: 'hangs', run: () => { say('hangs'); return new Promise(() => {}); }, limitMs: 20 },
      { name: 'last', run: () => say('last') },
    ]);
    setInterval(() => {}, 1000);
    console.log('up');`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const exit = once(child, 'exit');
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    if (line === 'up') for (const signal of signals) child.kill(signal);
  });
  const [code] = await exit;
  const warnings = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return { code, steps: lines.filter((line) => line.startsWith('step:')).map((line) => line.slice(5)), warnings };
}

test.each([[['SIGTERM']], [['SIGINT']], [['SIGHUP']], [['SIGTERM', 'SIGTERM', 'SIGINT']]] as [NodeJS.Signals[]][])(
  '%j runs every step once, in order, whatever one of them does, and exits 0; on SIGHUP none that waits for others',
  async (signals) => {
    const { code, steps, warnings } = await stopProcess(signals);
    const all = ['one', 'throws', 'hangs', 'last'];
    expect({ code, steps }).toEqual({ code: 0, steps: signals[0] === 'SIGHUP' ? all : ['other', ...all] });
    // one line each, with what a reader needs and no stack
    expect(warnings).toEqual([
      expect.objectContaining({ step: 'throws', reason: 'x', msg: expect.stringContaining('failed') }),
      expect.objectContaining({ step: 'hangs', limitMs: 20, msg: expect.stringContaining('took too long') }),
    ]);
    expect(JSON.stringify(warnings)).not.toContain('stack');
  },
);
