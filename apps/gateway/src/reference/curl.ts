import type { Operation } from '@slipway/contract/openapi/document';

export interface Call {
  method: string;
  path: string;
  operation: Operation;
}

/** Shell commands that make a call, one for each example of its body. `URL` is the address of the service. */
export function curlOf({ method, path, operation }: Call): { title?: string; command: string }[] {
  const filled = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'path')
    .reduce((at, { name, example }) => at.replace(`{${name}}`, String(example)), path);
  const streams = Object.values(operation.responses).some(({ content = {} }) => 'text/event-stream' in content);
  const curl = `curl${streams ? ' -N' : ''}`;
  const url = `"$URL${filled}"`;
  const bodies = Object.entries(operation.requestBody?.content ?? {});
  if (bodies.length === 0)
    return [{ command: `${curl}${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} ${url}` }];
  return bodies.flatMap(([type, { examples = {} }]) =>
    Object.values(examples).map(({ summary, value }) => ({
      title: summary,
      command: [`${curl} ${url}`, ...(type === 'application/json' ? jsonBody(value) : formBody(value))].join(' \\\n  '),
    })),
  );
}

const jsonBody = (value: unknown) => [
  `-H ${quote('Content-Type: application/json')}`,
  `-d ${quote(JSON.stringify(value, undefined, 2))}`,
];

/** The file's example is its name. */
const formBody = (value: unknown) =>
  Object.entries(value as Record<string, string>).map(
    ([name, text]) => `-F ${quote(`${name}=${name === 'file' ? '@' : ''}${text}`)}`,
  );

/** For a POSIX shell: nothing inside is read as anything but text. */
const quote = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;
