import { Code } from '@mantine/core';

/** Text whose parts in backticks are code. */
export function InlineCode({ text }: { text: string }) {
  // every other part stood between two backticks; the parts are the same as long as the text is
  return text.split('`').map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <Code key={`${index} ${part}`} px={0} fz="inherit" c="inherit" bg="transparent">
        {part}
      </Code>
    ),
  );
}
