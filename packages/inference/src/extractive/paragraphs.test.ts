import { expect, test } from 'vitest';
import { splitBlocks } from './paragraphs.ts';

const split = (text: string) => splitBlocks(text.split('\n'));

test('joins the lines of hard-wrapped paragraphs and keeps the paragraphs apart', () => {
  const text = `The harbour was built in 1832 by merchants who had
grown tired of unloading on the open beach, where
Atlantic storms cost them a ship a year. It still
stands.

Today it shelters fishing boats and, in the summer
months, visitors who come for the well-
known regatta.`;
  expect(split(text)).toEqual([
    'The harbour was built in 1832 by merchants who had grown tired of unloading on the open beach, where Atlantic ' +
      'storms cost them a ship a year. It still stands.',
    'Today it shelters fishing boats and, in the summer months, visitors who come for the well-known regatta.',
  ]);
});

test('joins wrapped Chinese without a space', () => {
  const line = '今天天气很好我们一起去公园散步吧机器学习是人工智能';
  expect(split(`${line}\n${line}\n${line}。`)).toEqual([`${line}${line}${line}。`]);
});

test('keeps one-line paragraphs apart', () => {
  const text = 'A first paragraph that is rather long but has no stop at its end\nA second one.\nA third one, too.';
  expect(split(text)).toHaveLength(3);
});

test('tells two wrapped lines from a heading over a line', () => {
  const lines = ['In the year 1832 the merchants of the town asked Doctor Anton', 'Weber for a harbour.'];
  expect(splitBlocks(lines)).toEqual([lines.join(' ')]);
  expect(splitBlocks(['The Harbour of Porto Vento in History', 'It is old.'])).toHaveLength(2);
});

test('keeps headings apart from paragraphs of one long line', () => {
  const text = `The Harbour of Porto Vento in History\n${'It is old. '.repeat(20).trim()}`;
  expect(split(`${text}\n\n${text}`)).toHaveLength(4);
});

test('keeps headings, list items and rules apart, without their marks', () => {
  const text = '# Plan\nWe do this:\n- buy milk\n* sell\n  bread\n1. rest\n(b) sleep\n-----\nEnd.';
  expect(split(text)).toEqual(['Plan', 'We do this:', 'buy milk', 'sell', '  bread', 'rest', 'sleep', 'End.']);
});
