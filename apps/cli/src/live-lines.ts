import type { Output } from './surroundings.ts';
import { fit } from './words.ts';

const sequence = '\u001b[';
const defaultColumns = 80;

/** A few lines at the end of a terminal that are drawn over one another, in one write each time: else they flicker. */
export function createLiveLines(terminal: Output) {
  let drawn: string[] = [];
  const columns = () => terminal.columns || defaultColumns;
  const erasure = () => {
    if (drawn.length === 0) return '';
    const up = drawn.length > 1 ? `${sequence}${drawn.length - 1}A` : '';
    return `\r${up}${sequence}0J`;
  };
  return {
    columns,
    clear(): void {
      if (drawn.length > 0) terminal.write(erasure());
      drawn = [];
    },
    draw(lines: string[]): void {
      const next = lines.map((line) => fit(line, columns()));
      if (next.join('\n') === drawn.join('\n')) return;
      terminal.write(erasure() + next.join('\n'));
      drawn = next;
    },
  };
}
