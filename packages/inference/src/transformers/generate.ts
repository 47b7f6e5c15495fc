import { type Pipe, runPipe } from './library.ts';
import type { Bounds, Generated } from './rounds.ts';

/** Summarizes one text that fits into the model's window. Rejects with the signal's reason. */
export async function generate(
  pipe: Pipe,
  text: string,
  { minTokens, maxTokens }: Bounds,
  onToken: () => void,
  signal: AbortSignal,
): Promise<Generated> {
  const sink = tokenCounter(pipe.tokenizer.all_special_ids, onToken);
  const summary = await runPipe(pipe, text, { minNewTokens: minTokens, maxNewTokens: maxTokens, sink, signal });
  return { text: summary.trim(), tokens: sink.tokens };
}

/**
 * Counts tokens as they come. Not the library's TextStreamer, which decodes everything anew for each of them: nobody
 * reads the text before it is done.
 */
function tokenCounter(specialIds: number[], onToken: () => void) {
  const special = new Set(specialIds.map(BigInt));
  let prompt = true;
  return {
    tokens: 0,
    put([ids = []]: bigint[][]) {
      if (!prompt) {
        this.tokens += ids.filter((id) => !special.has(id)).length;
        onToken();
      }
      prompt = false;
    },
    end() {},
  };
}
