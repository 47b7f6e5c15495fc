import { expect, test } from 'vitest';
import { readLines } from './lines.ts';
import { readTranscript } from './transcript.ts';

const read = (text: string) => readTranscript(readLines(text)).filter((line) => line !== '');

test('takes speaker labels of all kinds away', () => {
  expect(
    read(
      [
        'Grad C: We meet on Friday.',
        '[00:12:30] Dr. Ann Lee: The results are in.',
        'The Chair (Hon. A. Rota (Nipissing, Lib.)): Order, please.',
        '**Grad C:** Are they good?',
        'Dr. Ann Lee 10:15: They are: good.',
        'The Chair: Thank you.',
      ].join('\n'),
    ),
  ).toEqual([
    'We meet on Friday.',
    'The results are in.',
    'Order, please.',
    'Are they good?',
    'They are: good.',
    'Thank you.',
  ]);
  expect(read('李明：你好。\n王芳：早上好。\n李明：我们开始吧。\n王芳：好的。')).toEqual([
    '你好。',
    '早上好。',
    '我们开始吧。',
    '好的。',
  ]);
});

test('leaves a text with colons that is no transcript', () => {
  const list = 'Name: Ann\nAge: 33\nName: Bob\nAge: 44\nName: Cleo\nAge: 55';
  expect(read(list)).toEqual(list.split('\n'));
  const glossary = 'Pier: a wall.\nQuay: a place.\nBuoy: a float.\nMole: a wall.\nDock: a place.';
  expect(read(glossary)).toEqual(glossary.split('\n'));
  const prose = 'Note: this is prose.\nIt goes on: like this.\nWarning: it ends here.';
  expect(read(prose)).toEqual(prose.split('\n'));
});

test('takes tags away and marks interruptions', () => {
  const text = 'A: I {disfmarker} Well it helps {pause} to do.\nB: {vocalsound}\nA: Good [Laughter.] {disfmarker}.\n';
  expect(read(`${text}B: Yes. (inaudible)\nA: No.`)).toEqual(['I – Well it helps to do.', 'Good.', 'Yes.', 'No.']);
});

test('reads a lecture with tags and no labels', () => {
  expect(read('So {pause} we begin.')).toEqual(['So we begin.']);
});

test('lets a speaker go on after a remark of somebody else', () => {
  const text = "A: We have a separate\nB: They're separate.\nA: feature, which is new.\nB: Mm.\nA: It works.";
  expect(read(text)).toEqual(['We have a separate feature, which is new.', "They're separate.", 'Mm.', 'It works.']);
});

test('keeps lines without a label in the turn before them', () => {
  expect(readTranscript(['A: One.', 'More of one.', 'B: Two.', 'A: Three.', 'B: Four.'])).toEqual([
    'One.',
    'More of one.',
    '',
    'Two.',
    '',
    'Three.',
    '',
    'Four.',
    '',
  ]);
});

test('takes hesitations away only where people say "uh"', () => {
  const talk = 'A: Yeah, um, so we uh decided, uh, to to build it.\nB: Uh-huh.\nA: Uh, th this is it.\nB: Mm, uh no.';
  expect(read(talk)).toEqual(['So we decided, to build it.', 'This is it.', 'No.']);
  const german = 'A: Es geht um Geld.\nB: Um was?\nA: Um viel Geld.\nB: Um wie viel?';
  expect(read(german)).toEqual(['Es geht um Geld.', 'Um was?', 'Um viel Geld.', 'Um wie viel?']);
});
