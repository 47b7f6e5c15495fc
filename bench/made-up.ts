import { seededRandom } from './random.ts';

export type Script = 'latin' | 'chinese';

const vocabulary = 30_000;

/**
 * A text of so many UTF-16 units that is like a real one in what costs time: sentences of 4 to 35 words, paragraphs, and
 * words as unequally common as in any language (Zipf's law). The same each time.
 */
export function makeText(script: Script, characters: number): string {
  const random = seededRandom(7);
  const word = script === 'latin' ? latinWord : chineseWord;
  const [space, stop, paragraph] = script === 'latin' ? [' ', '. ', '.\n\n'] : ['', '。', '。\n\n'];
  const parts: string[] = [];
  for (let length = 0; length < characters; ) {
    const words = Array.from({ length: 4 + Math.floor(32 * random()) }, () => word(Math.floor(vocabulary ** random())));
    const sentence = words.join(space) + (random() < 0.15 ? paragraph : stop);
    parts.push((sentence[0] ?? '').toUpperCase(), sentence.slice(1));
    length += sentence.length;
  }
  return parts.join('').slice(0, characters);
}

/** Syllables that spell a number: common words are short. */
function latinWord(number: number): string {
  let word = '';
  for (let rest = number + 1; rest > 0; rest = Math.floor(rest / 90)) {
    word += ('bcdfghklmnprstvwzj'[rest % 18] ?? '') + ('aeiou'[Math.floor(rest / 18) % 5] ?? '');
  }
  return word;
}

/** One or two of the 5,000 characters from 一 on. */
function chineseWord(number: number): string {
  const first = String.fromCharCode(0x4e00 + ((number * 7) % 5000));
  return number < 1000 ? first : first + String.fromCharCode(0x4e00 + ((number * 13) % 5000));
}
