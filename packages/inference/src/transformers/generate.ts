import { type Pipe, runPipe } from './library.ts';
import { createRelease } from './release.ts';
import type { Bounds, Generated } from './rounds.ts';
import { type TextListener, textStream } from './text-stream.ts';

/**
 * Summarizes one text that fits into the model's window. The pieces that the listener gets, joined, are the summary.
 * Rejects with the signal's reason.
 */
export async function generate(
  pipe: Pipe,
  text: string,
  { minTokens, maxTokens }: Bounds,
  { onText, onToken }: TextListener,
  signal: AbortSignal,
): Promise<Generated> {
  const summary = createRelease({ trim: true, send: onText });
  const sink = textStream(pipe.tokenizer, { onText: summary.add, onToken });
  await runPipe(pipe, text, { minNewTokens: minTokens, maxNewTokens: maxTokens, sink, signal });
  return { text: summary.finish(), tokens: sink.tokens() };
}
