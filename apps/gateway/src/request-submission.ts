import type { HonoRequest } from 'hono';
import { readJson } from './body.ts';
import { isForm, readForm, type UploadedFile } from './form.ts';
import { withoutEmpty } from './left-out.ts';
import { fail } from './submission.ts';

/** What a request hands in: the value as JSON has it, and the file where one stands for the input. */
export interface Given {
  value: unknown;
  file?: UploadedFile | undefined;
}

/** Reads a submission as JSON or as a form. Throws CodedError with the pointer of each fault. */
export async function readGiven(request: HonoRequest): Promise<Given> {
  return isForm(request) ? readFormGiven(request) : { value: await readJson(request) };
}

/** The parts of a form, put together as the JSON body would have them. */
async function readFormGiven(request: HonoRequest): Promise<Given> {
  const { fields, file } = await readForm(request);
  const { input, options, tags, webhook, timeLimitMs, ...plain } = withoutEmpty(fields);
  if (file && input !== undefined) fail('/input', 'must be left out where a file is sent');
  const value = {
    ...plain,
    // stands for what the file will give
    input: file ? null : parseJsonField('input', input),
    options: parseJsonField('options', options),
    tags: parseJsonField('tags', tags),
    webhook: parseJsonField('webhook', webhook),
    timeLimitMs: timeLimitMs === undefined ? undefined : Number(timeLimitMs),
  };
  return { value, file };
}

function parseJsonField(name: string, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return fail(`/${name}`, 'must be JSON');
  }
}
