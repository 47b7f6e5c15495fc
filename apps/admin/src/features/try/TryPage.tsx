import { Container, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { Notice } from '../../ui/Notice.tsx';
import { viewError } from './errorView.ts';
import { JobPanel } from './JobPanel.tsx';
import { ServiceLine } from './ServiceLine.tsx';
import { TextForm } from './TextForm.tsx';
import { useDraft } from './useDraft.ts';
import { type SummaryOptions, useSummary } from './useSummary.ts';

/** The page where a person tries the service: a text in, its summary out. */
export function TryPage() {
  const [text, setText] = useDraft();
  const [options, setOptions] = useState<SummaryOptions>({ length: 'medium', engine: 'auto' });
  const { sending, looking, job, failure, submit, followAgain, forgetFailure } = useSummary();
  const error = failure && viewError(failure.error);

  const change = (next: string) => {
    setText(next);
    // what was wrong with the text says nothing of the new one
    if (error?.textFault) forgetFailure();
  };
  const send = () => {
    if (!sending) void submit(text, options);
  };
  const again = failure?.during === 'following' ? followAgain : send;

  // beside a failure only a summary is worth seeing: all else would be old news
  const shown = failure && job?.state !== 'succeeded' ? null : job;

  return (
    <Container component="main" size="sm" py={{ base: 'md', sm: 'xl' }}>
      <Stack gap="lg">
        <header>
          <Title order={1}>Slipway</Title>
          <Text c="dimmed">Hand in a text and get its summary.</Text>
          <ServiceLine />
        </header>
        <TextForm
          text={text}
          onText={change}
          options={options}
          onOptions={setOptions}
          fault={error?.textFault ?? null}
          sending={sending}
          onSubmit={send}
        />
        {error?.notice && <Notice {...error.notice} onAgain={error.mayRetry ? again : undefined} />}
        <JobPanel job={shown} sending={sending} looking={looking} onAgain={text.trim() === '' ? undefined : send} />
      </Stack>
    </Container>
  );
}
