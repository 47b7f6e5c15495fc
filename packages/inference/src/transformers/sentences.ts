/** Sentence ends by the rules of Unicode (UAX #29), which take "Mr. Smith" for two. */
const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** A last word after which a sentence goes on: an English title or abbreviation, or an initial. */
const goesOn =
  /(?:^|[\s("'“‘])(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Gov|Sen|Rep|No|vs|Fig|\p{Lu})\.\s*$/u;

/** Cuts a text after each sentence. The pieces joined give the text itself. */
export function sentences(text: string): string[] {
  const found: string[] = [];
  let begun = '';
  for (const { segment } of segmenter.segment(text)) {
    begun += segment;
    if (goesOn.test(segment) && !segment.endsWith('\n')) continue;
    found.push(begun);
    begun = '';
  }
  return begun === '' ? found : [...found, begun];
}

/** Each sentence as a line that begins with "- ". */
export function bullets(text: string): string {
  return sentences(text)
    .map((sentence) => sentence.trim().replaceAll(/\s+/g, ' '))
    .filter((sentence) => sentence !== '')
    .map((sentence) => `- ${sentence}`)
    .join('\n');
}

/** The text without a last sentence that was cut off; a text of one sentence stays as it is. */
export function withoutLastSentence(text: string): string {
  const all = sentences(text);
  return all.length > 1 ? all.slice(0, -1).join('').trimEnd() : text;
}
