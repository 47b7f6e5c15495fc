/**
 * Phrases with which a text announces what it is about, or what comes out of it. A line is the words of a phrase, each with
 * those that may stand in its place. In lower case.
 */
const phrases = [
  // English
  'this|our|present paper|work|article|study|report|thesis|essay|review',
  'we propose|present|introduce|show|demonstrate|describe|develop|conclude|argue|investigate|decided|agreed',
  'in conclusion|summary|short',
  'to conclude|summarize|summarise',
  'to sum up',
  // German, Dutch
  'diese|dieser|diesem|dieses|vorliegende|vorliegenden arbeit|artikel|aufsatz|beitrag|bericht|studie',
  'wir zeigen|untersuchen|beschreiben|präsentieren|beschlossen',
  'zusammenfassend|abschließend|samenvattend|kortom|concluderend',
  'dit|deze artikel|onderzoek|rapport|studie',
  // French
  'cet|ce|cette article|travail|rapport|mémoire|étude|thèse',
  'nous proposons|présentons|montrons|décrivons|étudions|concluons',
  'en conclusion|résumé|bref|somme',
  // Spanish, Portuguese, Italian
  'este|esta|neste|nesta|questo|questa artículo|trabajo|estudio|informe|artigo|trabalho|estudo|articolo|lavoro|studio',
  'proponemos|presentamos|mostramos|concluimos|propomos|apresentamos|proponiamo|presentiamo|mostriamo|concludiamo',
  'en|em|in conclusión|resumen|conclusão|resumo|conclusione|sintesi',
  // Turkish, Russian
  'bu makale|makalede|çalışma|çalışmada|rapor|raporda',
  'sonuç olarak',
  'özetle',
  'этой|данной|настоящей работе|статье',
  'мы предлагаем|представляем|показываем|решили',
  'в заключение',
  'подводя итог|итоги',
  // Arabic, Hebrew
  'هذا|هذه البحث|المقال|التقرير|الدراسة|الورقة',
  'في الختام',
  'خلاصة القول',
  'במאמר|במחקר זה',
  'לסיכום',
  // Hindi, Korean
  'इस लेख|शोध|अध्ययन|रिपोर्ट',
  'निष्कर्षतः',
  'संक्षेप में',
  '본|이 논문은|논문에서|연구는|연구에서|보고서는',
  '결론적으로|요약하면',
].map((line) => line.split(' ').map((words) => words.split('|')));

/** Chinese and Japanese have no spaces to find words by. */
const unspaced =
  /本文|本研究|本报告|本論文|本稿|我们提出|我們提出|综上所述|綜上所述|总之|總之|提案する|提案します|結論として|要するに/;

/** The rest of each phrase by its first word: one look per word, where a regular expression would try all at each letter. */
const rests = new Map<string, ReadonlySet<string>[][]>();
for (const [first = [], ...rest] of phrases) {
  const sets = rest.map((words) => new Set(words));
  for (const word of first) rests.set(word, [...(rests.get(word) ?? []), sets]);
}

/**
 * Does a sentence announce what the text is about, or what comes out of it: "in this paper", "we propose", "in short"?
 * The cue method of H. P. Edmundson, "New Methods in Automatic Extracting", Journal of the ACM 16 (1969). `words` are the
 * sentence's own, in lower case.
 */
export function announces(sentence: string, words: string[]): boolean {
  const found = words.some((word, place) =>
    rests.get(word)?.some((rest) => rest.every((next, step) => next.has(words[place + 1 + step] ?? ''))),
  );
  return found || unspaced.test(sentence);
}
