import { expect, test } from 'vitest';
import { addressOf, parseAddress } from './address.ts';

const jobId = 'classify-text_AAAAAAAAAAAAAAAAAAAAAA';

test.each([
  ['', { task: 'summarize', jobId: null }],
  ['#', { task: 'summarize', jobId: null }],
  ['#task=chat', { task: 'chat', jobId: null }],
  ['#task=knit', { task: 'summarize', jobId: null }],
  [`#job=${jobId}`, { task: 'classify-text', jobId }],
  [`#task=chat&job=${jobId}`, { task: 'classify-text', jobId }],
  ['#job=knit_AAAAAAAAAAAAAAAAAAAAAA', { task: 'summarize', jobId: 'knit_AAAAAAAAAAAAAAAAAAAAAA' }],
])('the address %j names %j', (hash, address) => {
  expect(parseAddress(hash)).toEqual(address);
});

test('an address is read as it was written', () => {
  for (const address of [{ task: 'chat', jobId: null } as const, { task: 'classify-text', jobId } as const])
    expect(parseAddress(addressOf(address))).toEqual(address);
});
