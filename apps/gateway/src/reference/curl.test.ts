import { execFileSync } from 'node:child_process';
import type { Operation } from '@slipway/contract/openapi/document';
import { expect, test } from 'vitest';
import { curlOf } from './curl.ts';

/** The arguments that a shell gives to curl. */
function argumentsOf(command: string): string[] {
  const script = `URL=http://localhost:7860; curl() { printf '%s\\0' "$@"; }; ${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}
const operation = (parts: Partial<Operation>): Operation => ({
  operationId: 'call',
  tags: [],
  summary: '',
  responses: {},
  ...parts,
});

test('a body reaches curl to the letter', () => {
  const value = { text: `It's "quoted", $HOME, \`id\` and a \\ at\nthe end.` };
  const content = { 'application/json': { schema: {}, examples: { one: { summary: 'One', value } } } };
  const [call] = curlOf({
    method: 'post',
    path: '/jobs',
    operation: operation({ requestBody: { required: true, content } }),
  });
  expect(call?.title).toBe('One');
  const [url, , type, , body = ''] = argumentsOf(call?.command ?? '');
  expect([url, type]).toEqual(['http://localhost:7860/jobs', 'Content-Type: application/json']);
  expect(JSON.parse(body)).toEqual(value);
});

test('a form sends its file by name', () => {
  const value = { task: 'summarize', file: 'my report.pdf' };
  const content = { 'multipart/form-data': { schema: {}, examples: { one: { summary: 'One', value } } } };
  const [call] = curlOf({
    method: 'post',
    path: '/jobs',
    operation: operation({ requestBody: { required: true, content } }),
  });
  expect(argumentsOf(call?.command ?? '').slice(1)).toEqual(['-F', 'task=summarize', '-F', 'file=@my report.pdf']);
});

test('places in the path are filled, methods named, streams not held back', () => {
  const schema = { type: 'string' };
  const id = { name: 'id', in: 'path', description: '', schema, example: 'a_1' } as const;
  const cancel = curlOf({ method: 'post', path: '/jobs/{id}/cancel', operation: operation({ parameters: [id] }) });
  expect(argumentsOf(cancel[0]?.command ?? '')).toEqual(['-X', 'POST', 'http://localhost:7860/jobs/a_1/cancel']);
  const responses = { 200: { description: '', headers: {}, content: { 'text/event-stream': { schema } } } };
  const stream = curlOf({ method: 'get', path: '/events', operation: operation({ responses }) });
  expect(argumentsOf(stream[0]?.command ?? '')).toEqual(['-N', 'http://localhost:7860/events']);
});
