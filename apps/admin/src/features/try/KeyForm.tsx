import { Alert, Button, PasswordInput, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { changeApiKey } from '../../api.ts';
import { parseApiKey } from '../../apiKey.ts';

interface KeyFormProps {
  /** What the service said. */
  detail: string;
  /** Called when the key counts from now on. */
  onKey: () => void;
}

/** The service takes this from holders of a key only. */
export function KeyForm({ detail, onKey }: KeyFormProps) {
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const use = (event: FormEvent) => {
    event.preventDefault();
    const key = parseApiKey(typed);
    if (key === undefined)
      return setFault('This is no key: it has no spaces and only plain letters, digits and signs.');
    changeApiKey(key);
    onKey();
  };
  return (
    <Alert title="The service asks for a key" data-testid="key-form">
      <form noValidate onSubmit={use}>
        <Stack gap="sm" align="flex-start">
          <Text size="sm">{detail}</Text>
          <PasswordInput
            label="API key"
            description="From whoever runs the service. This browser keeps it. What you entered is kept too."
            w="100%"
            autoComplete="off"
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              setFault(null);
            }}
            error={fault}
          />
          <Button type="submit" size="xs">
            Use this key
          </Button>
        </Stack>
      </form>
    </Alert>
  );
}
