import { expect, test } from 'vitest';
import { splitIntoWindows } from './windows.ts';

const never = new AbortController().signal;
/** A token per word, and per four characters of a long one. */
const count = (text: string) => (text.match(/\S{1,4}/g) ?? []).length;
const texts = (windows: { text: string }[]) => windows.map(({ text }) => text);

test('a text that fits is one window', async () => {
  expect(await splitIntoWindows('One. Two. Three.', 10, count, never)).toEqual([
    { text: 'One. Two. Three.', tokens: 4 },
  ]);
  expect(await splitIntoWindows('', 10, count, never)).toEqual([]);
});

test('splits at the ends of sentences, into even windows', async () => {
  const text = 'One two six. '.repeat(12);
  const windows = await splitIntoWindows(text, 16, count, never);
  expect(windows.map(({ tokens }) => tokens)).toEqual([12, 12, 12]);
  for (const window of texts(windows)) expect(window).toMatch(/^(One two six\. )+$/);
});

test.each([
  ['one long sentence', `${'and then more '.repeat(200)}.`],
  ['one word', 'x'.repeat(5000)],
  ['emoji', '😀'.repeat(3000)],
  ['short and long ones', `Short. ${'a '.repeat(90)}. Short. ${'y'.repeat(700)}`],
])('%s: nothing is lost and nothing exceeds the window', async (_, text) => {
  const windows = await splitIntoWindows(text, 40, count, never);
  expect(texts(windows).join('')).toBe(text);
  expect(Math.max(...windows.map(({ tokens }) => tokens))).toBeLessThanOrEqual(40);
  for (const { text: window, tokens } of windows) {
    expect(tokens).toBe(count(window));
    expect(window.isWellFormed()).toBe(true);
  }
});

test('cuts a long sentence between words', async () => {
  const windows = await splitIntoWindows('word '.repeat(300), 40, count, never);
  for (const window of texts(windows)) expect(window).toMatch(/^(word )+$/);
});

test('a window that grows when its pieces are joined is split again', async () => {
  // two sentences together take more tokens than apart
  const growing = (text: string) => count(text) + 3 * Math.max(0, text.split('. ').length - 2);
  const windows = await splitIntoWindows('A b c. '.repeat(20), 10, growing, never);
  expect(Math.max(...windows.map(({ tokens }) => tokens))).toBeLessThanOrEqual(10);
});

test('stops when nobody wants the result any more', async () => {
  const controller = new AbortController();
  const gone = new Error('gone');
  let counted = 0;
  const aborting = (text: string) => {
    counted += 1;
    if (counted === 10) controller.abort(gone);
    return count(text);
  };
  await expect(splitIntoWindows('One. '.repeat(5000), 40, aborting, controller.signal)).rejects.toBe(gone);
  expect(counted).toBe(200);
});
