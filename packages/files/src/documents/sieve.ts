import { Parser } from 'htmlparser2';
import { unreadable } from './faults.ts';

/** Deeper pages are refused, before a library that walks them by recursion runs out of stack. */
export const maxDepth = 500;

/** What shows no text of its own. */
const silent = new Set(['script', 'style', 'noscript', 'template', 'iframe', 'object', 'svg', 'math', 'canvas', 'audio', 'video', 'select', 'button', 'textarea']); // biome-ignore format: a list
const empty = new Set(['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'param', 'source', 'track', 'wbr']); // biome-ignore format: a list

/** What Readability judges an element by; everything else, pictures inlined as text above all, is weight. */
const telling = ['class', 'id', 'role', 'rel', 'itemprop', 'hidden', 'aria-hidden', 'aria-modal', 'style'];
const longestAttribute = 200;

/** The same page without what shows no text, scripts first: smaller, and safe to build a tree of; and its size. */
export function sieve(html: string): { page: string; elements: number } {
  let elements = 0;
  const kept: string[] = [];
  let depth = 0;
  let silence = 0; // how many silent elements are open
  const parser = new Parser({
    onopentag(name, attributes) {
      if (empty.has(name)) {
        if (silence === 0 && (name === 'br' || name === 'hr')) kept.push(`<${name}>`);
        return;
      }
      depth += 1;
      elements += 1;
      if (depth > maxDepth) throw unreadable(`nests more than ${maxDepth} elements in each other: simplify it`);
      if (silence > 0 || silent.has(name)) silence += 1;
      else kept.push(`<${name}${name === 'a' ? ' href="#"' : ''}${tellingOf(attributes)}>`);
    },
    ontext(text) {
      if (silence === 0) kept.push(escapeMarkup(text));
    },
    onclosetag(name) {
      if (empty.has(name)) return;
      depth -= 1;
      if (silence > 0) silence -= 1;
      else kept.push(`</${name}>`);
    },
  });
  parser.end(html);
  return { page: kept.join(''), elements };
}

function tellingOf(attributes: Record<string, string>): string {
  return telling
    .filter((name) => name in attributes)
    .map((name) => ` ${name}="${escapeMarkup(attributes[name]?.slice(0, longestAttribute) ?? '')}"`)
    .join('');
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
