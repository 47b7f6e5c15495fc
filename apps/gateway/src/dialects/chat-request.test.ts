import { expect, test } from 'vitest';
import { readChatRequest } from './chat-request.ts';

const messages = [{ role: 'user', content: 'Hello.' }];
const names = ['n', 'tools', 'functions', 'logprobs', 'top_p', 'logit_bias', 'modalities', 'response_format'];

test.each(names)('a %s that is nested deep is refused like any other', (name) => {
  const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
  expect(() => readChatRequest({ messages, [name]: deep }, 'made/echo')).toThrow(/must be .* or left out/);
});
