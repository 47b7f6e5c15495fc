/** `node large-run.ts <script> <characters>`: one made-up text through the engine, and what it took as JSON. */
import { existsSync, readFileSync } from 'node:fs';
import { createExtractiveSummarizer } from '@slipway/inference/extractive/summarizer';
import { makeText, type Script } from './made-up.ts';

const [script, characters] = process.argv.slice(2);
const idle = process.memoryUsage.rss();
const text = makeText(script as Script, Number(characters));
const context = { report: () => {}, output: () => {}, log: () => {}, signal: new AbortController().signal };
const start = performance.now();
const { inputTokens } = await createExtractiveSummarizer().summarize(
  { text, minTokens: 60, maxTokens: 200, format: 'paragraph' },
  context,
);
const seconds = (performance.now() - start) / 1000;
console.log(
  JSON.stringify({
    words: inputTokens,
    seconds,
    idleMegabytes: idle / 2 ** 20,
    peakMegabytes: peakKilobytes() / 1024,
  }),
);

/** Linux tells it per program; what getrusage tells there includes the parent's from before this program was started. */
function peakKilobytes(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
}
