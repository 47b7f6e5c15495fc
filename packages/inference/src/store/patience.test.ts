import { expect, test } from 'vitest';
import { pauseAfter, usualPatience } from './patience.ts';

const pause = (status: number, headers: Record<string, string> = {}, tries = 1, now = 0) =>
  pauseAfter(new Response(null, { status, headers }), tries, usualPatience, now);

test.each([200, 206, 302, 401, 403, 404, 416, 501])('%i is final', (status) => {
  expect(pause(status, { 'retry-after': '1' })).toBeUndefined();
});

test.each([408, 429, 500, 502, 503, 504])('%i passes: three tries with growing pauses', (status) => {
  expect([1, 2, 3].map((tries) => pause(status, {}, tries))).toEqual([1_000, 5_000, undefined]);
});

test.each([
  ['seconds', { 'retry-after': '30' }, 30_000],
  ['a date', { 'retry-after': 'Thu, 01 Jan 1970 00:01:40 GMT' }, 40_000],
  ['a date that is over', { 'retry-after': 'Thu, 01 Jan 1970 00:00:01 GMT' }, 1_000],
  ["the Hub's own header", { ratelimit: '"resolvers";r=0;t=55' }, 55_000],
  ['less than we would wait', { 'retry-after': '0' }, 1_000],
  ['nonsense', { 'retry-after': 'soon', ratelimit: 'full' }, 1_000],
  ['as much as we wait', { 'retry-after': '300' }, 300_000],
  ['more than we wait', { 'retry-after': '301' }, undefined],
])('the hub may ask for a pause: %s', (_, headers, ms) => {
  expect(pause(429, headers, 1, 60_000)).toBe(ms);
});
