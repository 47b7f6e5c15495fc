import { marked } from 'marked';
import { unreadable } from './faults.ts';
import { htmlToText } from './html-text.ts';
import { sieve } from './sieve.ts';

/** Settings that some programs put before the text. */
const frontMatter = /^---\n[\s\S]*?\n(?:---|\.\.\.)\n/;

/** The text of a Markdown file, without its marks and front matter. */
export function readMarkdown(markdown: string): string {
  const source = markdown.replace(/\r\n?/g, '\n').replace(frontMatter, '');
  const text = htmlToText(sieve(marked.parse(source, { async: false })).page);
  if (text === '') throw unreadable('is a Markdown file without text: send one that has some');
  return text;
}
