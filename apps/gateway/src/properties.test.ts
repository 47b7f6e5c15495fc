import { openapiDocument } from '@slipway/contract/openapi/document';
import type { Problem } from '@slipway/contract/problems';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { answersOf } from './properties/answers.ts';
import { jsonBodies, noBody } from './properties/bodies.ts';
import { valuesOf } from './properties/json-schema.ts';
import { type Described, type Draft, draftsFor, operationsOf } from './properties/requests.ts';
import { type House, type HouseOptions, openHouse } from './properties/send.ts';
import { maxBodyBytes } from './test-app.ts';

/**
 * The same each time: a fault that is met by chance would be blamed on the change at hand. To look elsewhere, change it;
 * a failure prints it together with the smallest request.
 */
const seed = 4;

/** To find the smallest request of a failure may take longer than a test. */
const patient = { timeout: 120_000 };

const document = JSON.parse(JSON.stringify(openapiDocument())) as ReturnType<typeof openapiDocument>;
const operations = operationsOf(document);
const answers = answersOf(document, operations);
/** `<operation> <status>` of all that came. */
const met = new Set<string>();

const names = ['open', 'keyed', 'limited', 'full', 'away'] as const;
type Name = (typeof names)[number];
/** Each with how many requests it gets for an operation on jobs. */
const settings: Record<Name, HouseOptions & { runs: number }> = {
  open: { runs: 150 },
  keyed: { runs: 150, keyed: true },
  limited: { runs: 25, keyed: true, rateLimit: { requests: 1, seconds: 60 } },
  full: { runs: 20, maxDepth: 0 },
  away: { runs: 20, away: true, rateLimit: { requests: 1_000, seconds: 60 } },
};
const houses = {} as Record<Name, House>;
beforeAll(async () => {
  for (const name of names) houses[name] = await openHouse(inject('redisUrl'), settings[name]);
});
afterAll(() => Promise.all(names.map((name) => houses[name].close())));

/** Sends it and holds the answer against the document. */
async function ask(house: House, draft: Draft) {
  const { pathname, answer } = await house.send(draft);
  const operation = answers.check(draft.method.toUpperCase(), pathname, answer, house.mayBeAway);
  met.add(`${operation?.operationId} ${answer.status}`);
  return answer;
}

describe.each(names)('%s', (name) => {
  test.each(operations)(
    '$operationId: every answer is described, and tells nothing else',
    patient,
    async (operation) => {
      const numRuns = Math.ceil(settings[name].runs / (operation.path.includes('/jobs') ? 1 : 10));
      const property = fc.asyncProperty(draftsFor(operation, document), (draft) =>
        ask(houses[name], draft).then(() => {}),
      );
      await fc.assert(property, { seed, numRuns });
    },
  );
});

/** A request as simple as it can be: the first example of a body, a job that was canceled. */
function plain({ method, path, requestBody }: Described): Draft {
  const usual = path.replace('{id}', '{job}').replace('{name}', 'summarize');
  const { schema, examples = {} } = requestBody?.content['application/json'] ?? {};
  const example = Object.values(examples)[0]?.value ?? (schema && { jobs: [{}] });
  const body = example === undefined ? noBody : json(example);
  return { method, path: usual, condition: 'canceled', query: '', headers: [], body, caller: 'right' };
}
const json = (value: unknown) => ({ type: 'application/json', bytes: new TextEncoder().encode(JSON.stringify(value)) });
const from = (address: string): [string, string] => ['X-Forwarded-For', address];

test.each(operations.filter(({ requestBody }) => requestBody))('$operationId: a body too large', async (operation) => {
  const body = json('x'.repeat(maxBodyBytes));
  expect((await ask(houses.open, { ...plain(operation), body })).status).toBe(413);
});

const replayed = operations.filter(({ responses }) => responses[200] && responses[202]);
test.each(replayed)('$operationId: asked again once the job has ended', async (operation) => {
  const path = plain(operation).path.replace('{job}', await houses.open.madeJob('canceled'));
  const draft: Draft = {
    ...plain(operation),
    path,
    headers: [['Idempotency-Key', `again-${operation.operationId}`], from('198.51.100.1')],
  };
  const first = await ask(houses.open, draft);
  const cancel: Draft = { ...draft, method: 'POST', path: JSON.parse(first.text).urls.cancel, body: noBody };
  await ask(houses.open, cancel);
  expect((await ask(houses.open, draft)).status).toBe(200);
});

/** Those of the operator ask for a session and not for a key; operator/api.test.ts has them. */
const isOperators = ({ tags }: Described) => tags.includes('Operator');

test.each(operations.filter((operation) => operation.responses[401] && !isOperators(operation)))(
  '$operationId: too many wrong keys',
  async (operation) => {
    const wrong: Draft = { ...plain(operation), caller: 'wrong', headers: [from('198.51.100.2')] };
    for (let tries = 0; tries < 20; tries += 1) await ask(houses.keyed, wrong);
    expect((await ask(houses.keyed, wrong)).status).toBe(429);
  },
);

const queued = operations.filter(({ responses, tags }) => responses[503] && tags.includes('Jobs'));
test.each(queued)('$operationId: while Redis is away', async (operation) => {
  expect((await ask(houses.away, plain(operation))).status).toBe(503);
});

/** What the schemas say in words alone. */
const inWords = [
  /^\/options\/model must be \S+, the model of this instance$/,
  /^\/options\/minTokens must not be greater than maxTokens$/,
  /^\/deadline must lie in the future$/,
  /^\/input\/messages\/\d+\/role must be (user|assistant): after/,
  /^\/input\/messages must end with a message of the user$/,
  /^\/input\/imageBase64 (is empty|cannot be read: it is none, or broken)$/,
  /^\/input\/(text|messages\/\d+\/content) must be well-formed Unicode/,
];

test('what fits the schema of a submission is taken, but for what is said in words', patient, async () => {
  const { schemas } = document.components;
  const operation = operations.find(({ operationId }) => operationId === 'submitJob') as Described;
  const property = fc.asyncProperty(jsonBodies(valuesOf({ $ref: 'Submission' }, schemas)), async (body) => {
    const { status, text } = await ask(houses.keyed, { ...plain(operation), body });
    if (status === 202) return;
    const { errors = [] } = JSON.parse(text) as Problem;
    expect(errors).not.toEqual([]);
    const said = errors.map(({ pointer, message }) => `${pointer} ${message}`);
    expect(said.filter((fault) => !inWords.some((rule) => rule.test(fault)))).toEqual([]);
  });
  await fc.assert(property, { seed, numRuns: 200 });
});

test('metrics with a wrong key', async () => {
  const operation = operations.find(({ operationId }) => operationId === 'getMetrics') as Described;
  const wrong: Draft = { ...plain(operation), caller: 'wrong', headers: [from('198.51.100.3')] };
  expect((await ask(houses.keyed, wrong)).status).toBe(401);
});

test('who has gone follows no job any more', async () => {
  for (const name of names) await vi.waitFor(async () => expect(await houses[name].followed()).toEqual([]));
});

/** Not to be had here: what HTTP's parser, nginx or a fault of ours would answer, readiness, for nobody works, a Space. */
const elsewhere = (id: string, status: string) =>
  ['400', '500', '502'].includes(status) || ['getReadiness 200', 'getMetrics 403'].includes(`${id} ${status}`);

test('all that is described was met by now, so that what is checked is not a few refusals', () => {
  const keyed = operations.filter((operation) => !isOperators(operation));
  const described = keyed.flatMap(({ operationId, responses, requestBody }) =>
    Object.keys(responses)
      .filter((status) => !elsewhere(operationId, status) && (status !== '413' || requestBody))
      .map((status) => `${operationId} ${status}`),
  );
  expect(described.filter((one) => !met.has(one))).toEqual([]);
});
