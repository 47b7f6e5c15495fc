/** `maxTokens` → `--max-tokens` */
export const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** For a terminal: without what would move its cursor or worse. Line breaks and tabs stay. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be taken out
export const harmless = (text: string) => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');

/** On one line. */
export const oneLine = (text: string) => harmless(text.replace(/\s+/g, ' '));

/** Cut to this many columns of a terminal, with a sign that it was. */
export function fit(text: string, columns: number): string {
  let width = 0;
  let fitting = '';
  for (const character of text) {
    width += widthOf(character);
    if (width > columns - 1) return `${fitting}…`;
    fitting += character;
  }
  return text;
}

/** The last part of it that fits into this many columns. */
export function fitEnd(text: string, columns: number): string {
  let width = 0;
  let fitting = '';
  for (const character of [...text.slice(-columns)].reverse()) {
    width += widthOf(character);
    if (width > columns) break;
    fitting = character + fitting;
  }
  return fitting;
}

/** Most scripts from here on are drawn two columns wide; one too many does no harm. */
const widthOf = (character: string) => ((character.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1);

/** A span of time for people: `8 s`, `3 min`, `2 h`, `4 d`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `10m`, `2h`, `1d` in milliseconds; undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?) ?(ms|s|m|min|h|d)$/.exec(text.trim()) ?? [];
  const factor = units[unit];
  return count === undefined || factor === undefined ? undefined : Math.round(Number(count) * factor);
}

/** Rows of cells as aligned columns, the last one as long as it is. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, i) => Math.max(widest[i] ?? 0, cell.length)),
    [],
  );
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join('');
}
