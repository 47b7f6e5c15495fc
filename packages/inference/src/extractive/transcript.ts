import { hasHesitations, tidySpeech } from './speech.ts';

const stamp = String.raw`[[(]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?[\])]?`;
/** At a line's start: "Grad C: ", "[00:12:30] Dr. Smith: ", "The Chair (Hon. A. Rota (Nipissing, Lib.)): ", "**Q:** ". */
const labelPattern = new RegExp(
  String.raw`^\s*(?:${stamp}[\s\-–]*)?\*{0,2}([\p{L}\p{N}][^:：()\n]{0,50})(?:\(.{1,120}?\))?(?: ${stamp})?\*{0,2}(?::\*{0,2}(?=\s|$)|：)`,
  'u',
);
const sentenceEnd = /[\p{STerm}…]["'”’»」)]*$/u;
/** What transcribers note beside the words: "{disfmarker}", "[Laughter.]", "(inaudible)", "@ @". */
const tag =
  /\{[a-z_ ]{1,30}\}|[[(](?:laugh\w*|chuckles?|inaudible|unintelligible|crosstalk|applause|music|noise|pause|silence)[^\])]{0,20}[\])]|@ ?@/gi;
const interruption = /\{disfmarker\}/g;
const knownTag = /\{(?:disfmarker|vocalsound|pause|gap)\}/;

interface Turn {
  speaker: string;
  lines: string[];
}

/**
 * The lines of a meeting's or interview's transcript without speaker labels and transcribers' tags, hesitations tidied
 * and a blank line between turns. The lines of any other text come back as they are.
 */
export function readTranscript(lines: string[]): string[] {
  const speakers = findSpeakers(lines);
  if (speakers.size === 0 && !lines.some((line) => knownTag.test(line))) return lines;
  const hesitant = hasHesitations(lines);
  const turns: Turn[] = [];
  for (const line of lines) {
    const match = speakers.size > 0 ? labelPattern.exec(line) : null;
    const speaker = match && speakers.has(nameIn(match)) ? nameIn(match) : '';
    const words = match && speaker !== '' ? line.slice(match[0].length) : line;
    const untagged = words.replace(interruption, ' – ').replace(tag, ' ').replace(/ +/g, ' ').trim();
    addLine(turns, speaker, trimMarks(hesitant ? tidySpeech(untagged) : untagged));
  }
  return turns.flatMap((turn) => [...turn.lines, '']);
}

/** Takes away the marks that are left where a tag was. */
function trimMarks(line: string): string {
  return line
    .replace(/^[ ,.–]+|(?:– )+(?=–)| –(?= ?[.,!?])/g, '')
    .replace(/ (?=[.,](?: |$))/g, '')
    .trim();
}

/**
 * The names before the colons, or none where the text is no transcript: a few labelled lines are enough, but most names
 * must return, and people must speak in sentences (a list of "key: value" has labels too).
 */
function findSpeakers(lines: string[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  let filled = 0;
  let labelled = 0;
  let ended = 0;
  for (const line of lines) {
    if (line === '') continue;
    filled += 1;
    const match = labelPattern.exec(line);
    if (!match) continue;
    labelled += 1;
    if (sentenceEnd.test(line)) ended += 1;
    counts.set(nameIn(match), (counts.get(nameIn(match)) ?? 0) + 1);
  }
  const spoken = labelled >= 4 && labelled >= 0.2 * filled && labelled >= 2 * counts.size && ended >= 0.3 * labelled;
  if (!spoken) return new Set();
  const names = [...counts].filter(([name, count]) => count > 1 || !/(?:^|\s)\p{Ll}/u.test(name));
  return new Set(names.map(([name]) => name));
}

function nameIn(match: RegExpExecArray): string {
  return (match[1] ?? '').trim();
}

/** Adds a line to the last turn, or starts a turn where a speaker is named. */
function addLine(turns: Turn[], speaker: string, line: string): void {
  const last = turns.at(-1);
  if (speaker === '' && last) last.lines.push(line);
  else if (speaker === '') turns.push({ speaker, lines: [line] });
  else if (/[\p{L}\p{N}]/u.test(line)) {
    // somebody else's "Mm-hmm." does not end a sentence
    const interrupted = turns.slice(-3).findLast((turn) => turn.speaker === speaker);
    const said = interrupted?.lines.at(-1) ?? '';
    if (interrupted && !/[.!?…–]$/u.test(said) && /^\p{Ll}/u.test(line)) {
      interrupted.lines[interrupted.lines.length - 1] = `${said} ${line}`;
    } else turns.push({ speaker, lines: [line] });
  }
}
