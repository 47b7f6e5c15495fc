import { expect, test } from 'vitest';
import { readDocument } from './read.ts';
import { expectRefusal, utf8 } from './test-faults.ts';

const read = (markdown: string) => readDocument(utf8(markdown), { name: 'notes.md' });

test('the text without marks', async () => {
  const markdown = `---\r\ntitle: front\r\n---\r\n# Title #

Some *stressed* and [linked](https://example.org) text
over two lines, \`code\` and <b>markup</b> &amp; more. ![picture](x.png)

- one
- two
  - within

1. first
2. second

> quoted

| a | b |
|---|---|
| 1 | 2 |

\`\`\`js
if (a) {
  b();
}
\`\`\`
`;
  expect(await read(markdown)).toBe(
    [
      'Title',
      'Some stressed and linked text over two lines, code and markup & more.',
      'one\ntwo\nwithin',
      '1. first\n2. second',
      'quoted',
      'a | b\n1 | 2',
      'if (a) {\n  b();\n}',
    ].join('\n\n'),
  );
});

test('the ending decides, then the type', async () => {
  expect(await readDocument(utf8('# A'), { name: 'a.txt', type: 'text/markdown' })).toBe('# A');
  expect(await readDocument(utf8('# A'), { name: 'a', type: 'text/markdown; charset=utf-8' })).toBe('A');
});

test('what shows nothing, or can not be taken apart, is refused', async () => {
  await expectRefusal(utf8('![](x.png)\n\n***\n'), 'invalid_input', /without text/, { name: 'a.md' });
  await expectRefusal(utf8(`${'> '.repeat(9_000)}x`), 'invalid_input', /deep|nests/, { name: 'a.md' });
});
