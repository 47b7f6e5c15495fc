/** One printed line; lengths in points, the origin at the bottom left. */
export interface Line {
  text: string;
  left: number;
  right: number;
  /** Of the baseline. */
  y: number;
  /** Of the largest letters. */
  size: number;
  /** The font of the whole line; undefined where it has several. */
  font: string | undefined;
}

/** What PDF.js gives as a piece of a line, as far as it is looked at; marks of structure have no `str`. */
interface Piece {
  str?: string;
  transform?: number[];
  width?: number;
  height?: number;
  fontName?: string;
  hasEOL?: boolean;
  /** Of a mark of structure. */
  type?: string;
}

/** A page's lines in the order of the library, which is the order they were drawn in. */
export function linesOf(pieces: Piece[]): Line[] {
  const lines: Line[] = [];
  let open: Piece[] = [];
  for (const piece of pieces) {
    if (piece.str === undefined) continue;
    open.push(piece);
    if (!piece.hasEOL) continue;
    lines.push(...toLine(open));
    open = [];
  }
  return [...lines, ...toLine(open)];
}

function toLine(pieces: Piece[]): Line[] {
  const text = pieces
    .map(({ str }) => str)
    .join('')
    .replace(/\s+/g, ' ')
    .trim();
  const printed = pieces.filter(({ str = '' }) => str.trim() !== '');
  const [first] = printed;
  if (!first) return [];
  let [left, right, size] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const { transform = [], width = 0, height = 0 } of printed) {
    const x = transform[4] ?? 0;
    left = Math.min(left, x);
    right = Math.max(right, x + width);
    size = Math.max(size, height);
  }
  const font = printed.every(({ fontName }) => fontName === first.fontName) ? first.fontName : undefined;
  return [{ text, left, right, y: first.transform?.[5] ?? 0, size, font }];
}
