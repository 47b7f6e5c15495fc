import type { EngineName } from '@slipway/contract/engines';
import type { Progress } from '@slipway/contract/jobs';
import type { Labels } from '@slipway/contract/labels';
import type { ChatMessage, ChatOutput } from '@slipway/contract/tasks/chat';

/** What a running job gives to an engine: where to tell what happens, and how to learn that nobody wants the result. */
export interface RunContext {
  /** Called often; the receiver throttles. */
  report: (progress: Progress) => void;
  /**
   * Text of the result as it is generated, to be appended to what came before. Nothing is taken back: once the engine
   * resolves, all the outputs in a row are exactly the answer's content or the summary. Classifiers send none.
   */
  output: (text: string) => void;
  /** One sentence for the submitter about what is being done; a few in a job, none with words of the input in it. */
  log: (line: string) => void;
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

/** Puts a text into one of the model's classes. */
export interface TextClassifier {
  /** `<org>/<name>`. */
  readonly model: string;
  classifyText(request: { text: string; topK: number }, context: RunContext): Promise<Classified>;
}

/** Puts an image into one of the model's classes. */
export interface ImageClassifier {
  readonly model: string;
  /** `image`: the bytes of a PNG, JPEG, WebP, GIF or AVIF file. Rejects with CodedError `invalid_input` for others. */
  classifyImage(request: { image: Uint8Array; topK: number }, context: RunContext): Promise<Classified>;
}

export interface Classified {
  labels: Labels;
  /** Tokens of the text; null for an image. */
  inputTokens: number | null;
}

export interface ChatRequest {
  messages: ChatMessage[];
  maxTokens: number;
  /** 0: always the most probable token. */
  temperature: number;
  /** The answer ends before the first of these. */
  stop: string[];
  seed: number | undefined;
}

export interface ChatAnswer extends ChatOutput {
  inputTokens: number;
  outputTokens: number;
}

/** Continues a conversation. */
export interface ChatModel {
  readonly model: string;
  /** Rejects with CodedError `invalid_input` where the conversation is longer than the model can read. */
  answer(request: ChatRequest, context: RunContext): Promise<ChatAnswer>;
}
