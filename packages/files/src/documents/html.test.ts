import { expect, test } from 'vitest';
import { readDocument } from './read.ts';
import { sieve } from './sieve.ts';
import { expectRefusal, utf8 } from './test-faults.ts';

const story = 'The harbour was built by the town after two great storms, and boats have used it since then. '.repeat(5);
const read = (html: string, name = 'page.html') => readDocument(utf8(html), { name });

test('the article with its heading, without what stands around it', async () => {
  const html = `<!doctype html><html><head><title>The harbour - Daily News</title><style>p { color: red }</style></head>
    <body><nav><ul><li><a href="/">Start page</a><li><a href="/sport">Sport</a></ul></nav>
    <main><h1>The harbour</h1><p>${story}<a href="https://example.org/x">A link</a>.</p>
    <h2>Its <em>history</em></h2><p>${story}</p><ul><li>Herring</li><li>Cod</li></ul>
    <table><tr><th>Year</th><th>Ships</th></tr><tr><td>1820</td><td>12</td></tr></table>
    <pre>if (wind) {\n  stay();\n}</pre></main>
    <div class="sidebar"><a href="/a">Read also</a> <a href="/b">Most read</a></div><footer>All rights reserved</footer><script>document.write('written')</script></body></html>`;
  expect(await read(html)).toBe(
    [
      'The harbour',
      `${story}A link.`,
      'Its history',
      story.trim(),
      'Herring\nCod',
      'Year | Ships\n1820 | 12',
      'if (wind) {\n  stay();\n}',
    ].join('\n\n'),
  );
});

test('a page that is no article is read whole, but for its navigation', async () => {
  const html = '<nav>Elsewhere</nav><h1>Prices</h1><p>One&nbsp;&amp; two.<p>Three<br>four.<div hidden>never</div>';
  expect(await read(html)).toBe('Prices\n\nOne & two.\n\nThree\nfour.');
});

test('no section of a long document is lost, though only one looks like an article', async () => {
  const sections = Array.from({ length: 9 }, (_, i) => `<div><div><p>Part ${i}. ${story}</p></div></div>`);
  const text = await read(`<html><body>${sections.join('<hr>')}</body></html>`);
  for (const i of sections.keys()) expect(text).toContain(`Part ${i}.`);
});

test('cells that lay out a page are no table', async () => {
  expect(await read('<table><tr><td><p>One.</p><p>Two.</p></td><td>Three.</td></tr></table>')).toBe(
    'One.\n\nTwo.\n\nThree.',
  );
});

test.each([
  ['text/plain', 'a.txt', '<!DOCTYPE HTML><p>Read as a page.'],
  [
    '',
    '',
    '<?xml version="1.0"?>\n<!-- made by hand --><html xmlns="http://www.w3.org/1999/xhtml"><p>Read as a page.</p></html>',
  ],
  ['text/html; charset=utf-8', '', '<p>Read as a page.</p>'],
])('what it holds decides, then its name, then its type: %s %s', async (type, name, html) => {
  expect(await readDocument(utf8(html), { name, type })).toBe('Read as a page.');
});

test('entities are never looked up elsewhere', async () => {
  const html = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]><html><p>Name: &x;</p></html>';
  expect(await read(html)).toContain('Name: &x;');
});

test('what shows no text is dropped: attributes by the thousand, pictures inlined, scripts', async () => {
  const html =
    '<p a="1" class="b" onclick="c()">Light.<img src="data:x"><script>d()</script><svg><text>e</text></svg></p>';
  expect(sieve(html)).toEqual({ page: '<p class="b">Light.</p>', elements: 4 });
});

test('a tree too deep to walk is refused, one nearly as deep is read', async () => {
  await expectRefusal(utf8(`<html>${'<div>'.repeat(100_000)}x`), 'invalid_input', /nests more than 500 elements/);
  expect(await read(`<html>${'<div>'.repeat(495)}x`)).toBe('x');
});

test('a page that only scripts would fill has no text', async () => {
  await expectRefusal(utf8('<html><body><div id="root"></div><script>run()</script>'), 'invalid_input', /without text/);
});
