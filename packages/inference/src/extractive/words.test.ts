import { expect, test } from 'vitest';
import { splitWords } from './words.ts';

test.each([
  ["Don't sell 3.5 well-known L'Été.", ["don't", 'sell', '3.5', 'well', 'known', "l'été"]],
  ['Москва — столица России', ['москва', 'столица', 'россии']],
  ['मैं घर', ['मैं', 'घर']],
  ['العربية لغة', ['العربية', 'لغة']],
  ['저는 학생입니다.', ['저는', '학생입니다']],
  ['机器学习很有趣。', ['机器', '学习', '很', '有趣']],
  ['ประเทศไทยสวยงาม', ['ประเทศไทย', 'สวยงาม']],
  ['🎉 … !', []],
])('%s', (sentence, words) => {
  expect(splitWords(sentence)).toEqual(words);
});
