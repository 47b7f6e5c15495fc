import { modelListSchema, taskInfoSchema, taskListSchema } from '@slipway/contract/catalogue';
import { CodedError } from '@slipway/contract/problems';
import type { WorkerStatus } from '@slipway/contract/readiness';
import type { Queues } from '@slipway/queue/queues';
import { expect, test } from 'vitest';
import { toProblem } from '../problem.ts';
import { taskRoutes } from './tasks.ts';

const models = {
  summarize: 'made/copier',
  'classify-text': 'made/lexicon',
  'classify-image': null,
  chat: 'made/echo',
};
const names = ['summarize', 'classify-text', 'chat'] as const;
const routesOn = (queues: Queues) =>
  taskRoutes(queues, [...names], models).onError((error, c) => {
    const problem = toProblem(error, 'r-1');
    return c.json(problem, problem.status as 404);
  });

const away: Queues = {
  use: () => Promise.reject(new CodedError('queue_unavailable', 'Redis is away.')),
  close: async () => {},
};

const copier = {
  id: 'made/copier',
  revision: 'main',
  dtype: 'fp32',
  device: 'cpu',
  deviceReason: 'There is no graphics card.',
  state: 'downloading',
  reason: 'Half of it is here.',
  ratio: 0.5,
} as const;
const extractive = { engine: 'extractive', reason: 'Its model is not ready.', model: copier } as const;

const worker: WorkerStatus = {
  id: 'w-1',
  pid: 1,
  startedAt: '2030-01-31T12:00:00.000Z',
  children: { total: 1, alive: 1, busy: 0 },
  tasks: { summarize: extractive },
};
/** One worker, which tells of `summarize` alone. Not Redis: the list of workers there is one for all tests. */
const queues = { use: async () => [worker], close: async () => {} } as unknown as Queues;

test('the tasks that are turned on are told with their schemas and what does them now', async () => {
  const answer = await routesOn(queues).request('/tasks');
  expect(answer.headers.get('Cache-Control')).toBe('no-store');
  const { tasks } = taskListSchema.parse(await answer.json());
  expect(tasks.map(({ name }) => name)).toEqual(names);
  expect(tasks[0]).toMatchObject({
    input: { properties: { text: { type: 'string' } }, required: ['text'] },
    options: { properties: { length: { default: 'medium' } } },
    output: { properties: { summary: { type: 'string' } } },
    upload: { field: 'text', kind: 'document' },
    engines: ['transformers', 'extractive'],
    timeLimitMs: 600_000,
    attempts: 3,
    status: extractive,
  });
});

test('one task by its name', async () => {
  const answer = await routesOn(queues).request('/tasks/chat');
  expect(taskInfoSchema.parse(await answer.json())).toMatchObject({ name: 'chat', engines: ['transformers'] });
});

test.each(['classify-image', 'translate', 'constructor'])('%s is not to be had here', async (name) => {
  const answer = await routesOn(queues).request(`/tasks/${name}`);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: 'not_found' });
});

test('models are told as a worker tells them, and by their names where none does', async () => {
  const answer = await routesOn(queues).request('/models');
  const { models } = modelListSchema.parse(await answer.json());
  expect(models).toEqual([
    { task: 'summarize', ...copier },
    expect.objectContaining({ task: 'classify-text', id: 'made/lexicon', state: null, revision: null }),
    expect.objectContaining({ task: 'chat', id: 'made/echo', state: null, revision: null }),
  ]);
});

test('while Redis is away, all is told but what does it now', async () => {
  const answer = await routesOn(away).request('/tasks');
  expect(answer.status).toBe(200);
  const { tasks } = taskListSchema.parse(await answer.json());
  expect(tasks.map(({ name, status }) => [name, status])).toEqual(names.map((name) => [name, null]));

  const { models } = modelListSchema.parse(await (await routesOn(away).request('/models')).json());
  expect(models.map(({ id, state }) => [id, state])).toEqual([
    ['made/copier', null],
    ['made/lexicon', null],
    ['made/echo', null],
  ]);
});
