import { unplaced as queuedJob } from '@slipway/client/test-jobs';
import type { ChatMessage } from '@slipway/contract/tasks/chat';
import { expect, test } from 'vitest';
import { type Followed, unheard } from '../job/followed.ts';
import { nextMessages, refused, turnsOf, wasCut } from './conversation.ts';

const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });
const sent = { messages: [{ role: 'system', content: 'Be brief.' }, user('Hello?'), assistant('Yes?'), user('Who?')] };
const running: Followed = { ...unheard(queuedJob.id), state: 'running', text: 'I a' };
const answered = (content: string, finishReason: 'stop' | 'length' = 'stop'): Followed => ({
  ...running,
  state: 'succeeded',
  ended: {
    ...queuedJob,
    task: 'chat',
    state: 'succeeded',
    output: { message: { role: 'assistant', content }, finishReason },
  },
});
const failed: Followed = { ...running, state: 'failed', text: '', ended: { ...queuedJob, state: 'failed' } };
const said = (followed: Followed | null, from: unknown = sent) =>
  turnsOf(from, followed).map(({ role, content, growing }) => `${role}: ${content}${growing ? '…' : ''}`);

test('the answer grows below what was sent, and the system message is not shown', () => {
  const before = ['user: Hello?', 'assistant: Yes?', 'user: Who?'];
  expect(said(null)).toEqual(before);
  expect(said(running)).toEqual([...before, 'assistant: I a…']);
  expect(said(answered('I am.'))).toEqual([...before, 'assistant: I am.']);
  expect(said(failed)).toEqual(before);
});

test('of a job whose messages are not at hand only the answer is shown', () => {
  expect(said(answered('I am.'), null)).toEqual(['assistant: I am.']);
  expect(said(null, { messages: 7 })).toEqual([]);
});

test('the next message follows what was said', () => {
  expect(nextMessages(turnsOf(sent, answered('I am.')), '', 'Why?')).toEqual([
    user('Hello?'),
    assistant('Yes?'),
    user('Who?'),
    assistant('I am.'),
    user('Why?'),
  ]);
  expect(nextMessages([], 'Be brief.', 'Why?')).toEqual([{ role: 'system', content: 'Be brief.' }, user('Why?')]);
});

test('a message without an answer gives way, and a lone answer opens nothing', () => {
  expect(nextMessages(turnsOf(sent, failed), '', 'Why?')).toEqual([user('Hello?'), assistant('Yes?'), user('Why?')]);
  expect(nextMessages(turnsOf(undefined, answered('I am.')), '', 'Why?')).toEqual([user('Why?')]);
});

test('half an answer counts as one', () => {
  const canceled: Followed = { ...running, state: 'canceled', ended: { ...queuedJob, state: 'canceled' } };
  expect(nextMessages(turnsOf(sent, canceled), '', 'Why?').slice(-2)).toEqual([assistant('I a'), user('Why?')]);
});

test('an answer that was cut is known', () => {
  expect(wasCut(answered('I', 'length'))).toBe(true);
  expect(wasCut(answered('I'))).toBe(false);
  expect(wasCut(running)).toBe(false);
  expect(wasCut(null)).toBe(false);
});

test('a message that was refused stands in the form again, before what was typed since', () => {
  expect(refused('First.', { system: 'Kindly.' })).toEqual({ system: 'Kindly.', text: 'First.' });
  expect(refused('First.', { text: '', system: '' })).toEqual({ text: 'First.', system: '' });
  expect(refused('First.', { text: 'Second.' })).toEqual({ text: 'First.\nSecond.' });
});
