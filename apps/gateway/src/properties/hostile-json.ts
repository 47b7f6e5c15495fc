import fc from 'fast-check';
import { marker, strings } from './strings.ts';

/** A JSON text as a tree whose leaves are any text at all, so that it can say what no value of JavaScript can. */
type Node = { text: string } | { items: Node[] } | { pairs: [key: string, value: Node][] };

const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);

/** JSON texts that a careless reader falls over; the last few are no JSON. */
const oddTexts = fc.oneof(
  strings.map((text) => JSON.stringify(text)),
  fc.jsonValue({ stringUnit: 'binary' }).map((value) => JSON.stringify(value)),
  fc.double().map((n) => JSON.stringify(n)),
  fc.constantFrom(
    'null',
    'true',
    '-1',
    '0.5',
    '1e400',
    '-1e400',
    '-0',
    '1e-400',
    '9007199254740993',
    `${'9'.repeat(400)}`,
  ),
  fc.constantFrom('""', '[]', '{}', '[[]]', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '[null]', `["${marker}"]`),
  fc.constantFrom('{"__proto__":{"task":"chat"}}', '{"constructor":{"prototype":{}}}', '{"length":1e9}', '{"then":1}'),
  fc.constantFrom(
    deep('[', ']', 40_000),
    deep('{"a":', '}', 20_000).replace('}', '1}'),
    JSON.stringify('x'.repeat(70_000)),
  ),
  fc.constantFrom('NaN', '01', '{a:1}', '[1,]', `"${marker}`, `/* ${marker} */1`, 'undefined', '', '\u2028'),
);

const oddKeys = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', 'a/b~c', '\ud800', '0'),
  fc.constantFrom('task', 'input', 'options', 'text', 'messages', 'owner', 'id', 'job', 'retryOf', 'inputLength'),
  fc.constantFrom(marker.repeat(40), 'ß'.repeat(100)),
  strings,
);

interface Edit {
  at: number;
  what: string;
  key: string;
  text: string;
}

const edits: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(500),
  what: fc.constantFrom('replace', 'drop', 'add', 'twice', 'wrap'),
  key: oddKeys,
  text: oddTexts,
});

/** Texts of values with one to three things wrong in them. */
export const spoiled = (values: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc
    .tuple(values, fc.array(edits, { minLength: 1, maxLength: 3 }))
    .map(([value, all]) => toText(all.reduce(edited, toNode(value))));

/** Any text of JSON, and some of none. */
export const oddBodies: fc.Arbitrary<string> = fc.oneof(oddTexts, spoiled(fc.jsonValue()));

function toNode(value: unknown): Node {
  if (Array.isArray(value)) return { items: value.map(toNode) };
  if (typeof value !== 'object' || value === null) return { text: JSON.stringify(value) };
  return { pairs: Object.entries(value).map(([key, part]) => [key, toNode(part)]) };
}

function toText(node: Node): string {
  if ('text' in node) return node.text;
  if ('items' in node) return `[${node.items.map(toText).join(',')}]`;
  return `{${node.pairs.map(([key, value]) => `${JSON.stringify(key)}:${toText(value)}`).join(',')}}`;
}

/** Changes the node that is the `at`-th in order, counted round and round. */
function edited(root: Node, { at, what, key, text }: Edit): Node {
  let left = at % countOf(root);
  const change = (node: Node): Node[] => {
    if (left-- === 0) return changed(node);
    if ('items' in node) return [{ items: node.items.flatMap(change) }];
    if (!('pairs' in node)) return [node];
    return [
      { pairs: node.pairs.flatMap(([name, value]) => change(value).map((now) => [name, now] as [string, Node])) },
    ];
  };
  const changed = (node: Node): Node[] => {
    if (what === 'drop') return [];
    if (what === 'twice') return [node, node];
    if (what === 'wrap') return [{ items: [node] }];
    if (what === 'add' && 'pairs' in node) return [{ pairs: [...node.pairs, [key, { text }]] }];
    return [{ text }];
  };
  return change(root)[0] ?? { text: '' };
}

function countOf(node: Node): number {
  if ('items' in node) return node.items.reduce((sum, item) => sum + countOf(item), 1);
  return 'pairs' in node ? node.pairs.reduce((sum, [, value]) => sum + countOf(value), 1) : 1;
}
