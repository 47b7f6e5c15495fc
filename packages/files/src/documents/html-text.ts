import { convert, type FormatCallback, type SelectorDefinition } from 'html-to-text';
import { tidy } from './tidy.ts';

const block = { leadingLineBreaks: 2, trailingLineBreaks: 2 };
const blocks = ['div', 'section', 'article', 'main', 'figure', 'figcaption', 'blockquote', 'dl', 'dt', 'dd', 'address'];
/** What shows no text, or no text of its own. Links stay as their text; the arrow back from a note goes. */
const dropped = ['img', 'hr', 'script', 'style', 'title', 'a[href^="#footnote-ref"]', 'a[href^="#endnote-ref"]'];

const selectors: SelectorDefinition[] = [
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
  ...blocks.map((selector) => ({ selector, format: 'block', options: block })),
  ...dropped.map((selector) => ({ selector, format: 'skip' })),
  { selector: 'a', options: { ignoreHref: true } },
  { selector: 'ul', format: 'block', options: block },
  { selector: 'li', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
  { selector: 'table', format: 'rows' },
];

/**
 * The text of a page or part of one: a line a heading, list item and table row (its cells separated by " | "), code as
 * it stands, because it may be what the document is about. `without`: elements that are left out, as selectors.
 */
export function htmlToText(html: string, without: string[] = []): string {
  const skipped = without.map((selector) => ({ selector, format: 'skip' }));
  const text = convert(html, {
    wordwrap: false,
    selectors: [...selectors, ...skipped],
    formatters: { rows },
    limits: { maxInputLength: html.length }, // what is longer would be cut silently
  });
  return tidy(text.replaceAll('\u00a0', ' ').replace(/^ +(?=\d+\. )/gm, '')); // the library indents numbers
}

interface Element {
  name?: string;
  children?: Element[];
}

/** The library's own tables are drawn with spaces, in memory that grows with a column's width times the rows. */
const rows: FormatCallback = (table, walk, builder) => {
  builder.openTable();
  for (const row of rowsOf(table)) {
    builder.openTableRow();
    for (const cell of row.children ?? []) {
      if (cell.name !== 'td' && cell.name !== 'th') continue;
      builder.openTableCell();
      walk(cell.children as never, builder);
      builder.closeTableCell();
    }
    builder.closeTableRow();
  }
  builder.closeTable({ ...block, tableToString: printRows });
};

function rowsOf({ children = [] }: Element): Element[] {
  return children.flatMap((child) => {
    if (child.name === 'tr') return child;
    return /^(?:thead|tbody|tfoot)$/.test(child.name ?? '') ? rowsOf(child) : [];
  });
}

/** A row with a cell of several paragraphs lays out a page rather than holding data. */
function printRows(table: { text: string }[][]): string {
  return table
    .map((row) => row.map(({ text }) => text.trim()).filter((text) => text !== ''))
    .map((row) =>
      row.some((text) => text.includes('\n\n'))
        ? row.join('\n\n')
        : row.map((text) => text.replace(/\s+/g, ' ')).join(' | '),
    )
    .filter((line) => line !== '')
    .join('\n');
}
