import type { Fault } from '@slipway/contract/problems';
import { sentence } from '../../../ui/sentence.ts';

/** Where faults of an uploaded file are named. */
export const filePointer = '/file';

export const concerns = ({ pointer }: Fault, field: string) => pointer === field || pointer.startsWith(`${field}/`);

/** What stands beside a field: its own faults and those inside its value, as sentences; null without any. */
export function faultsAt(faults: Fault[], ...fields: string[]): string | null {
  const sentences = fields.flatMap((field) =>
    faults.filter((fault) => concerns(fault, field)).map((fault) => faultSentence(fault, field)),
  );
  return sentences.length > 0 ? sentences.join(' ') : null;
}

/** `/options/minTokens` and what is wrong with it, in words; as much of the pointer as `below` does not say already. */
export function faultSentence({ pointer, message }: Fault, below = ''): string {
  const place = pointer.slice(below.length).split('/').slice(1).join(' › ');
  return place === '' ? sentence(message) : sentence(`${place} ${message}`);
}
