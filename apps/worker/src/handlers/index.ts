import type { TaskName } from '@slipway/contract/tasks';
import { chat } from './chat.ts';
import { classifyImage } from './classify-image.ts';
import { classifyText } from './classify-text.ts';
import type { Handler } from './handler.ts';
import { summarize } from './summarize.ts';

/** Task → handler. A task of the catalogue without a handler does not compile. */
export const handlers: { [T in TaskName]: Handler<T> } = {
  summarize,
  'classify-text': classifyText,
  'classify-image': classifyImage,
  chat,
};
