import { expect, test } from 'vitest';
import { createRelease, type ReleaseOptions } from './release.ts';

function run(pieces: string[], options: Omit<ReleaseOptions, 'send'>) {
  const sent: string[] = [];
  const release = createRelease({ ...options, send: (text) => sent.push(text) });
  for (const piece of pieces) release.add(piece);
  return { sent, whole: release.finish(), stopped: release.stopped() };
}

test('what is sure is sent at once', () => {
  const sent = ['One ', 'two', '.'];
  expect(run(sent, {})).toEqual({ sent, whole: 'One two.', stopped: false });
});

test.each([
  [['One. ', 'Two.'], ['Two'], ['One. '], true],
  [['One. Two.'], ['Two', 'One'], [], true],
  [['One. T', 'wo.'], ['Two'], ['One. '], true],
  [['One. T', 'hree.'], ['Two'], ['One. ', 'Three.'], false],
  [['One. T'], ['Two'], ['One. ', 'T'], false],
  // the beginning of a stop string inside of what looked like one
  [['a\n', '\n', '\n', 'b'], ['\n\nb'], ['a', '\n'], true],
  [['aab', 'aabaa', 'c'], ['aabaac'], ['aab'], true],
  [['x', 'ab', 'y'], ['b', 'abc'], ['x', 'a'], true],
  [['Stop', ' here'], ['Stop here', 'here'], [], true],
])('%j before %j is %j', (pieces, stop, sent, stopped) => {
  expect(run(pieces, { stop })).toEqual({ sent, whole: sent.join(''), stopped });
});

test('what comes after a stop string is ignored', () => {
  expect(run(['One|', 'two'], { stop: ['|'] })).toMatchObject({ sent: ['One'], whole: 'One' });
});

test('white space at the ends is held back until it is inside', () => {
  const pieces = [' ', '\n One', ' ', ' two.', '\n', ' \n'];
  expect(run(pieces, { trim: true })).toEqual({ sent: ['One', '  two.'], whole: 'One  two.', stopped: false });
  expect(run([' ', '\n'], { trim: true })).toMatchObject({ sent: [], whole: '' });
});

test('however a text is cut, what is sent is the text before the first stop string', () => {
  const text = ' abab\nabc abab ';
  const stop = ['abc', 'b\nabab'];
  for (let cuts = 0; cuts < 2 ** (text.length - 1); cuts += 7) {
    const marked = [...text].map((letter, i) => (cuts & (1 << i) ? `${letter}|` : letter)).join('');
    const pieces = marked.split('|');
    const { sent, whole } = run(pieces, { stop, trim: true });
    expect(sent.join('')).toBe(whole);
    expect(whole).toBe('abab');
  }
});
