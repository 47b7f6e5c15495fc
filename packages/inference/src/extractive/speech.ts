/** English hesitations. "um" alone is another word elsewhere (German for "around"): see `hasHesitations`. */
const hesitations = String.raw`(?:u+h+|u+m+|uhm|erm|h+m+|mm+|mm-hmm|uh-huh)(?![\p{L}'’-])`;
const hesitation = new RegExp(String.raw`(, )?(?<![\p{L}'’-])${hesitations}(?:,(?= ))?`, 'giu');
/** "Yeah, okay, um. " before what somebody says. */
const opener = new RegExp(
  String.raw`(^|[.!?] )(?:(?:(?:yeah|yep|okay|ok|oh|alright|${hesitations})(?:[,.]| –)?|(?:well|right|so),) )+(\p{L})`,
  'giu',
);
const repeatedWords = /(?<![\p{L}'’-])([\p{L}'’]+(?: [\p{L}'’]+){0,2})(?:(?: –|,)? \1)+(?![\p{L}'’-])/giu;
/** The first consonants of the next word, said twice: "s some", "th this". */
const falseStart = /(?<![\p{L}'’.-])([b-df-hj-np-tv-xz]{1,3}) \1(?=\p{L})/giu;
/** A letter of an abbreviation as some transcribers mark it: "T_V_". */
const spelledLetter = /(?<=[A-Z])_/g;

export function hasHesitations(lines: string[]): boolean {
  return lines.filter((line) => /\b(?:uh|um(?=[,.]|$| \{)|mm-hmm)\b/i.test(line)).length >= 3;
}

/**
 * A line of English speech without hesitations, openers and words said twice, what transcribers call clean verbatim. No
 * other word changes.
 */
export function tidySpeech(line: string): string {
  return line
    .replace(opener, (_, before: string, letter: string) => before + letter.toUpperCase())
    .replace(hesitation, (_, before) => (before ? ',' : ''))
    .replace(/ +/g, ' ')
    .replace(/^[ ,.–]+/, '')
    .replace(/([.!?,])(?: ?[.,](?= |$))+/g, '$1')
    .replace(spelledLetter, '')
    .replace(falseStart, '$1')
    .replace(repeatedWords, '$1');
}
