import type { EngineName } from '@slipway/contract/engines';
import type { Progress } from '@slipway/contract/jobs';

/** What a running job gives to an engine: where to tell how far it is, and how to learn that nobody wants the result. */
export interface RunContext {
  /** Called often; the receiver throttles. */
  report: (progress: Progress) => void;
  /** Aborted on cancel, at a deadline, or when the process stops. An engine stops soon after and rejects with `signal.reason`. */
  signal: AbortSignal;
}

export interface SummaryRequest {
  text: string;
  /** Bounds of the summary's length in tokens of the model; engines without tokens count 0.75 words a token. */
  minTokens: number;
  maxTokens: number;
  format: 'paragraph' | 'bullets';
}

export interface Summary {
  summary: string;
  /** Tokens of the model, or words where the engine has none. */
  inputTokens: number;
  outputTokens: number;
}

/** One way to make a summary. */
export interface Summarizer {
  readonly engine: EngineName;
  /** `<org>/<name>`, or null for an engine without a model. */
  readonly model: string | null;
  summarize(request: SummaryRequest, context: RunContext): Promise<Summary>;
}
