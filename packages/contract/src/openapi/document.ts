import { problemType, requestIdHeader } from '../http.ts';
import { problemExamples } from './examples.ts';
import { type RequestCode, requestProblems } from './request-problems.ts';
import type { Answer, Content, HeaderName, Parameter, Route } from './route.ts';
import { routes } from './routes.ts';
import { componentSchemas, ref, type Schema } from './schemas.ts';

/** The document that `GET /openapi.json` gives: OpenAPI 3.1.1, assembled from the table of routes and the schemas. */
export interface OpenapiDocument {
  openapi: string;
  info: { title: string; version: string; summary: string; description: string; license: object };
  servers: { url: string; description: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Partial<Record<Route['method'], Operation>>>;
  components: { schemas: Record<string, Schema>; headers: Record<string, object> };
}

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Record<string, Content> };
  responses: Record<string, Response>;
}

export interface Response {
  description: string;
  headers: Record<string, { $ref: string }>;
  content?: Record<string, Content>;
}

/** What any request may end in: the first from the HTTP parser, the last where the gateway is being restarted. */
const always: RequestCode[] = ['invalid_request', 'internal', 'upstream_unavailable'];
/** With these the caller is told when to come again. */
const retryStatuses: ReadonlySet<number> = new Set([429, 502, 503]);

const tags: { name: Route['tag']; description: string }[] = [
  { name: 'Jobs', description: 'Submit work, follow it, read what came of it.' },
  { name: 'Catalogue', description: 'What can be asked for here.' },
  { name: 'House', description: 'Whether it works, and how to call it.' },
  { name: 'Operator', description: 'For who runs it: with a session, not with a key.' },
];

const headers: Record<HeaderName, object> = {
  Location: { description: 'Path of the job.', schema: { type: 'string', format: 'uri-reference' } },
  'Retry-After': { description: 'Seconds after which to ask again.', schema: { type: 'integer', minimum: 0 } },
  ETag: { description: 'Names this state of the job, for `If-None-Match`.', schema: { type: 'string' } },
  'Idempotent-Replayed': {
    description: '`true` where the job was made by an earlier request with the same Idempotency-Key.',
    schema: { type: 'string', const: 'true' },
  },
  'Preference-Applied': { description: 'The `Prefer` that was honoured.', schema: { type: 'string' } },
  RateLimit: {
    description:
      'What is left of the limit, as `"default";r=57;t=31`: requests, and seconds until there are more. Not sent where no limit is set.',
    schema: { type: 'string' },
  },
  'RateLimit-Policy': {
    description: 'The limit, as `"default";q=60;w=60`: requests in so many seconds.',
    schema: { type: 'string' },
  },
  [requestIdHeader]: {
    description:
      "Names this request in the log. Your own is taken over: letters, digits, '_', '=' and '-', at most 255.",
    schema: { type: 'string' },
  },
};

export function openapiDocument(): OpenapiDocument {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Slipway',
      version: '1.0.0',
      summary: 'Machine-learning tasks as jobs.',
      description:
        'A job is submitted, kept in a queue and run; its result says which engine and model made it. An error is `application/problem+json` (RFC 9457) with a stable `code`. Times are ISO 8601 in UTC. Fields may be added to what is answered: ignore those that you do not know.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The host that serves this document.' }],
    tags,
    paths: pathsOf(routes),
    components: { schemas: componentSchemas(), headers },
  };
}

function pathsOf(all: Route[]): OpenapiDocument['paths'] {
  const paths: OpenapiDocument['paths'] = {};
  for (const route of all) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return paths;
}

function operationOf(route: Route): Operation {
  const { id, tag, summary, description, parameters, body, bodyIsOptional, answers, problems } = route;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(body && { requestBody: { required: !bodyIsOptional, content: body } }),
    responses: { ...mapValues(answers, answerOf), ...problemAnswers([...problems, ...always], answers) },
  };
}

function answerOf({ description, headers = [], content }: Answer): Response {
  return { description, headers: headersOf([...headers, requestIdHeader]), ...(content && { content }) };
}

/** One answer a status, with the codes that it may carry. A status that is an answer already stays that. */
function problemAnswers(codes: RequestCode[], answers: Route['answers']): Record<string, Response> {
  const statuses = [...new Set(codes.map((code) => requestProblems[code].status))].filter((status) => !answers[status]);
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      problemAnswer(
        status,
        codes.filter((code) => requestProblems[code].status === status),
      ),
    ]),
  );
}

function problemAnswer(status: number, codes: RequestCode[]): Response {
  const examples = Object.assign({}, ...codes.map((code) => problemExamples[code] ?? {}));
  const schema = { allOf: [ref('Problem'), { type: 'object', properties: { code: { enum: codes } } }] };
  return {
    description: `${codes.map((code) => requestProblems[code].title).join('. ')}.`,
    headers: headersOf([...(retryStatuses.has(status) ? (['Retry-After'] as const) : []), requestIdHeader]),
    content: { [problemType]: { schema, ...(Object.keys(examples).length > 0 && { examples }) } },
  };
}

const headersOf = (names: HeaderName[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

function mapValues<A, B>(record: Record<string, A>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
