import type { Fault, ProblemCode } from '@slipway/contract/problems';

/** What the gateway hands to a file process, one at a time. */
export type FileTask =
  | { kind: 'document'; bytes: Uint8Array; name?: string | undefined; type?: string | undefined }
  | { kind: 'image'; bytes: Uint8Array; pointer: string };

/** What comes back: `up` once, then one of the others for each file. */
export type FromChild =
  | { type: 'up' }
  /** The text of a document; empty for an image, of which only the check is wanted. */
  | { type: 'done'; text: string }
  | { type: 'refused'; code: ProblemCode; message: string; faults: Fault[] }
  | { type: 'failed'; trace: Trace };

/** Where an unexpected error arose. Not its message: parsers quote the file in theirs. */
export interface Trace {
  name: string;
  code: string | undefined;
  at: string[];
}
