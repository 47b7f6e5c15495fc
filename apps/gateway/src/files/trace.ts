/** The lines of a stack trace that say where, without the message above them, which may quote a file. At most ten. */
export function frames(stack: string | undefined): string[] {
  const lines = stack?.match(/^ {4,}at (?:.+ \()?(?:node:|file:|\/)\S+:\d+:\d+\)?$/gm) ?? [];
  return lines.slice(0, 10).map((line) => line.trim());
}
