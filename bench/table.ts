/** Prints rows under headings, the first column to the left and the others to the right. */
export function printTable(headings: string[], rows: string[][]): void {
  for (const line of formatTable(headings, rows)) console.log(line);
}

export function formatTable(headings: string[], rows: string[][]): string[] {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const lines = all.map((row) =>
    widths
      .map((width, column) => (column === 0 ? (row[0] ?? '').padEnd(width) : (row[column] ?? '').padStart(width)))
      .join(' | '),
  );
  return [lines[0] ?? '', widths.map((width) => '-'.repeat(width)).join('-|-'), ...lines.slice(1)];
}
