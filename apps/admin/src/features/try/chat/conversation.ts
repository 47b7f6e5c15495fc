import type { ChatMessage, ChatOutput } from '@slipway/contract/tasks/chat';
import type { Values } from '../forms/fieldValues.ts';
import type { Followed } from '../job/followed.ts';

/** A message as the page shows it. */
export interface Turn {
  role: 'user' | 'assistant';
  content: string;
  /** Still being written. */
  growing: boolean;
}

/** The messages that a chat job was sent with; none where the browser's history does not hold them. */
export function sentMessages(sent: unknown): ChatMessage[] {
  const holds = typeof sent === 'object' && sent !== null && 'messages' in sent && Array.isArray(sent.messages);
  return holds ? (sent as { messages: ChatMessage[] }).messages : [];
}

/** The conversation as far as it has come. */
export function turnsOf(sent: unknown, followed: Followed | null): Turn[] {
  const turns: Turn[] = sentMessages(sent).flatMap(({ role, content }) =>
    role === 'system' ? [] : [{ role, content, growing: false }],
  );
  if (!followed) return turns;
  const growing = followed.state === 'queued' || followed.state === 'running';
  const content = outputOf(followed)?.message.content ?? followed.text;
  if (content === '' && !growing) return turns;
  return [...turns, { role: 'assistant', content, growing }];
}

/** True where the answer was cut at the limit of tokens. */
export const wasCut = (followed: Followed | null) => followed !== null && outputOf(followed)?.finishReason === 'length';

/** The output is a chat's, for the form is shown with jobs of its own task only. */
const outputOf = ({ ended }: Followed) => ended?.output as ChatOutput | undefined;

/**
 * The messages to send with a new one. What is on the screen goes along, but for a message that has no answer: it gives
 * way to the new one, because user and assistant take turns. An answer whose question is gone can't open a conversation.
 */
export function nextMessages(turns: Turn[], system: string, text: string): ChatMessage[] {
  const said = turns
    .filter(({ content }) => content.trim() !== '')
    .map(({ role, content }): ChatMessage => ({ role, content }));
  const begun = said[0]?.role === 'assistant' ? [] : said;
  const answered = begun.at(-1)?.role === 'user' ? begun.slice(0, -1) : begun;
  const opening: ChatMessage[] = system.trim() === '' ? [] : [{ role: 'system', content: system }];
  return [...opening, ...answered, { role: 'user', content: text }];
}

/** The form's input once the service has refused `text`: it stands there again, before what was typed since. */
export function refused(text: string, input: Values): Values {
  const typed = String(input.text ?? '');
  return { ...input, text: typed === '' ? text : `${text}\n${typed}` };
}
