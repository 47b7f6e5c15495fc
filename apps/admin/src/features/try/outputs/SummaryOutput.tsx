import { GrowingText } from './GrowingText.tsx';
import { OutputCard } from './OutputCard.tsx';
import type { OutputProps } from './output.ts';

export function SummaryOutput({ output, text, busy }: OutputProps<'summarize'>) {
  if (!output && text === '') return null;
  const title = output || busy ? 'Summary' : 'Unfinished summary';
  return (
    <OutputCard title={title} copy={output?.summary ?? null}>
      <GrowingText text={output?.summary ?? text} busy={busy} testId="summary" />
    </OutputCard>
  );
}
