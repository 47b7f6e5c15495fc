import type { RunContext, Summarizer, Summary, SummaryRequest } from '../engine.ts';
import { announces } from './cues.ts';
import { readLines } from './lines.ts';
import { createPace, type Pace } from './pace.ts';
import { splitBlocks } from './paragraphs.ts';
import { costOf, cutText, printSentences } from './printing.ts';
import { textRank } from './ranking.ts';
import { scoreSentences } from './scores.ts';
import { type Budget, selectSentences } from './selection.ts';
import { splitSentences } from './sentences.ts';
import { tabulate } from './table.ts';
import { readTranscript } from './transcript.ts';
import { likenessToWhole } from './vectors.ts';
import { splitWords } from './words.ts';

/** Words a token stands for, as everywhere in Slipway where an engine has no tokens. */
const wordsPerToken = 0.75;
/** Sentences below this many words take no part where the others are plenty: "Mm-hmm." recommends every other "Mm-hmm." */
const shortestCandidate = 8;
/** Below this many words there is nothing to learn from a sentence. */
const shortestChoice = 4;

interface Sentence {
  text: string;
  /** Its words as numbers, in the order in which the document brought them up. */
  words: number[];
  cost: number;
  announcing: boolean;
}

/**
 * Makes summaries out of a text's own sentences, in any language and without a model. `inputTokens` and `outputTokens` are
 * words; labels and tags of transcripts are not counted. Time and memory grow linearly with the text.
 */
export function createExtractiveSummarizer(): Summarizer {
  return { engine: 'extractive', model: null, summarize };
}

async function summarize(request: SummaryRequest, context: RunContext): Promise<Summary> {
  context.signal.throwIfAborted();
  const pace = createPace(context);
  const budget = {
    min: Math.ceil(request.minTokens * wordsPerToken),
    max: Math.max(1, Math.floor(request.maxTokens * wordsPerToken)),
  };
  const { sentences, vocabulary } = await read(request.text, pace);
  const inputTokens = sentences.reduce((sum, { words }) => sum + words.length, 0);
  context.log(
    `the text has ${inputTokens.toLocaleString('en')} words in ${sentences.length.toLocaleString('en')} sentences`,
  );
  const cost = sentences.reduce((sum, sentence) => sum + sentence.cost, 0);
  const chosen = cost <= budget.max ? sentences : await choose(sentences, vocabulary, budget, pace);
  const texts = chosen.map((sentence) => (sentence.cost > budget.max ? cutText(sentence.text, budget) : sentence.text));
  const summary = printSentences(texts, request.format);
  if (summary !== '') context.output(summary);
  return { summary, inputTokens, outputTokens: splitWords(summary).length };
}

async function read(text: string, pace: Pace): Promise<{ sentences: Sentence[]; vocabulary: number }> {
  await pace.rest('reading', 0);
  const lines = readTranscript(readLines(text));
  await pace.rest('reading', 0.2);
  const blocks = splitBlocks(lines);
  // a text of nothing but rules and marks is still a text
  if (blocks.length === 0) blocks.push(text.replace(/\s+/g, ' ').trim());
  const numbers = new Map<string, number>();
  const sentences: Sentence[] = [];
  for (const [place, block] of blocks.entries()) {
    for (const sentence of splitSentences(block)) {
      if (pace.due()) await pace.rest('reading', 0.2 + (0.8 * place) / blocks.length);
      const spelled = splitWords(sentence);
      const words = spelled.map((word) => {
        const number = numbers.get(word) ?? numbers.size;
        numbers.set(word, number);
        return number;
      });
      const announcing = announces(sentence, spelled);
      sentences.push({ text: sentence, words, cost: costOf(sentence, words.length), announcing });
    }
  }
  return { sentences, vocabulary: numbers.size };
}

async function choose(sentences: Sentence[], vocabulary: number, budget: Budget, pace: Pace): Promise<Sentence[]> {
  const candidates = listCandidates(sentences, budget);
  await pace.rest('ranking', 0);
  const texts = candidates.map(({ text }) => text);
  const words = candidates.map((sentence) => sentence.words);
  const lengths = words.map(({ length }) => length);
  const table = tabulate(words, vocabulary);
  const scores = scoreSentences({
    texts,
    lengths,
    ranks: await textRank(table, lengths, pace),
    likeness: likenessToWhole(table),
    announcing: candidates.map(({ announcing }) => announcing),
  });
  await pace.rest('selecting', 0);
  const choices = {
    scores,
    costs: candidates.map(({ cost }) => cost),
    keys: texts.map((text, row) => words[row]?.join(' ') || text),
    short: lengths.map((length) => length < shortestChoice),
  };
  const rows = await selectSentences(table, choices, budget, pace);
  return rows.flatMap((row) => candidates[row] ?? []);
}

/** The sentences that may be chosen: without short ones where the others fill the budget three times over. */
function listCandidates(sentences: Sentence[], budget: Budget): Sentence[] {
  const shortest = Math.min(shortestCandidate, Math.floor(budget.max / 3));
  const long = sentences.filter(({ words }) => words.length >= shortest);
  return long.reduce((sum, { cost }) => sum + cost, 0) >= 3 * budget.max ? long : sentences;
}
