import type { OpenapiDocument } from '@slipway/contract/openapi/document';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Described } from './requests.ts';
import { marker } from './strings.ts';

/** An answer as it came; of a stream, the beginning. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** Who asks, how often and with how much is looked at before what is asked. */
const nothingThere = new Set([401, 404, 405, 413, 429, 503]);

/** What looks like the inside of the house. */
const insides =
  /\n\s+at |node_modules|\.ts:\d|file:\/\/|ReplyError|ioredis|ECONN|ENOENT|TypeError|RangeError|SyntaxError/;

/** Holds answers against the document. `check` throws what is wrong with one. */
export function answersOf(document: OpenapiDocument, operations: Described[]) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'openapi');
  const validators = new Map<string, ValidateFunction>();

  function validate(pointer: string[], value: unknown): void {
    const path = pointer
      .map((token) => encodeURIComponent(token.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const known = validators.get(path) ?? ajv.compile({ $ref: `openapi#/${path}` });
    validators.set(path, known);
    if (!known(value)) throw new Error(`not as described at ${path}: ${ajv.errorsText(known.errors)}`);
  }

  /** The operation that answers this path, a literal segment before a name. As the router, it decodes the path. */
  function operationAt(method: string, pathname: string): Described | undefined {
    const path = decoded(pathname);
    const fits = (template: string) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
    const all = operations.filter((operation) => operation.method === method && fits(operation.path));
    return all.find((operation) => operation.path === path) ?? all[0];
  }

  function check(method: string, pathname: string, answer: Answer, mayBeAway: boolean): Described | undefined {
    const operation = operationAt(method === 'HEAD' ? 'GET' : method, pathname);
    const { status, headers, text } = answer;
    if (status >= 500 && !(status === 503 && (mayBeAway || operation?.operationId === 'getReadiness')))
      throw new Error(`${status}: ${text.slice(0, 200)}`);
    if (!headers.get('X-Request-Id')) throw new Error('no X-Request-Id');
    if (needsTime(answer) && !headers.get('Retry-After') && operation?.operationId !== 'getReadiness')
      throw new Error(`${status} without Retry-After`);
    if (operation) checkDescribed(method, operation, answer);
    else checkNothingThere(method, answer);
    checkKeptIn(answer);
    return operation;
  }

  function checkDescribed(method: string, { path, method: own, responses }: Described, answer: Answer): void {
    const { status, headers, text } = answer;
    const described = responses[status];
    if (!described) throw new Error(`${status} is not described: ${text.slice(0, 200)}`);
    const [type = ''] = (headers.get('Content-Type') ?? '').split(';');
    if (method === 'HEAD' || !described.content) {
      if (text !== '') throw new Error(`a body where there is none: ${text.slice(0, 200)}`);
      return;
    }
    if (!described.content[type]) throw new Error(`${status} as ${type} is not described`);
    const schema = ['paths', path, own.toLowerCase(), 'responses', String(status), 'content', type, 'schema'];
    if (type === 'text/event-stream')
      for (const event of eventsIn(text)) validate(['components', 'schemas', 'JobEvent'], event);
    else validate(schema, type.endsWith('json') ? JSON.parse(text) : text);
    if (type.endsWith('problem+json') && JSON.parse(text).status !== status)
      throw new Error('another status in the body');
    if (path.endsWith('/batch') && status === 202 && /"code":"internal"/.test(text)) throw new Error(text);
  }

  function checkNothingThere(method: string, { status, headers, text }: Answer): void {
    if (!nothingThere.has(status)) throw new Error(`${status} where nothing is described: ${text.slice(0, 200)}`);
    if (status === 405 && !headers.get('Allow')) throw new Error('405 without Allow');
    if (method !== 'HEAD') validate(['components', 'schemas', 'Problem'], JSON.parse(text));
  }

  return { check };
}

/** Who asks for too much at once is to ask for less, and not later. */
const needsTime = ({ status, text }: Answer) => status === 503 || (status === 429 && !/in parts/.test(text));

/** Neither what was sent nor what is inside gets out. */
export function checkKeptIn({ headers, text }: Answer): void {
  if (insides.test(text)) throw new Error(`it tells of its inside: ${text.slice(0, 500)}`);
  const head = [...headers].filter(([name]) => name !== 'x-request-id').flat();
  const rest = withoutEchoes(headers.get('Content-Type') ?? '', text);
  if (`${rest}\n${head.join('\n')}`.toLowerCase().includes(marker))
    throw new Error(`it tells what it was told: ${rest}`);
}

/** Without all that is given back on purpose; of a stream, without that of each event. */
function withoutEchoes(type: string, text: string): string {
  const stripped = (json: string) => JSON.stringify(JSON.parse(json, withoutEcho));
  if (/^application\/(.+\+)?json/.test(type)) return text === '' ? '' : stripped(text);
  if (type.startsWith('text/event-stream'))
    return text.replace(/^(data: )(\{.*)$/gm, (_, key, data) => key + stripped(data));
  return text;
}

/** A name of a field in a pointer, as long as it may be. */
const longestName = 64;

/**
 * What the API gives back by design: the tags of a job, the beginning of its input in a list, the id of the request, and
 * the names of fields that are wrong, each cut to 64 characters, in pointers and at the beginning of the detail.
 */
function withoutEcho(key: string, value: unknown): unknown {
  if (key === 'tags' || key === 'excerpt' || key === 'requestId') return undefined;
  const { errors, detail, ...rest } = (value ?? {}) as {
    errors?: { pointer: string; message: string }[];
    detail?: string;
  };
  if (!Array.isArray(errors) || detail === undefined) return value;
  const pointers = errors.map(({ pointer }) => pointer);
  const names = pointers.flatMap((pointer) => pointer.split('/'));
  const tooLong = names.filter((name) => name.replaceAll('~1', '/').replaceAll('~0', '~').length > longestName);
  const said = detail.startsWith(pointers[0] ?? '') ? detail.slice(pointers[0]?.length) : detail;
  return { ...rest, said, tooLong, messages: errors.map(({ message }) => message) };
}

function eventsIn(stream: string): unknown[] {
  if (!/^retry: \d+\n\n/.test(stream)) throw new Error(`a stream that begins with ${stream.slice(0, 100)}`);
  const whole = stream
    .slice(0, stream.lastIndexOf('\n\n') + 2)
    .split('\n\n')
    .slice(1, -1);
  return whole
    .filter((event) => !event.startsWith(':'))
    .map((event) => {
      const [, name, data = ''] = /^event: (.*)\ndata: (.*)(?:\nid: .*)?$/.exec(event) ?? [];
      const value = JSON.parse(data);
      if (value.type !== name) throw new Error(`an event ${name} of the type ${value.type}`);
      return value;
    });
}

function decoded(pathname: string): string {
  return pathname.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURI(run);
    } catch {
      return run;
    }
  });
}
