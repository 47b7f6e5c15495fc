import assert from 'node:assert/strict';
import { CodedError } from '@slipway/contract/problems';
import type { Hint } from './kind.ts';
import { readDocument } from './read.ts';

export const utf8 = (text: string) => new TextEncoder().encode(text);

/** Fails unless the file is refused with this code and one fault at /file, whose message says the same. */
export async function expectRefusal(file: Uint8Array, code: string, message: RegExp, hint: Hint = {}): Promise<void> {
  const refused = await readDocument(file, hint).catch((error: unknown) => error);
  assert.ok(refused instanceof CodedError, String(refused));
  assert.equal(refused.code, code, refused.message);
  assert.match(refused.message, message);
  assert.deepEqual(
    refused.faults.map((fault) => [fault.pointer, `The file ${fault.message}.`]),
    [['/file', refused.message]],
  );
}
