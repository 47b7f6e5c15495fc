import { apiPath } from '../../http.ts';
import { json, type Route } from '../route.ts';

export const catalogueRoutes: Route[] = [
  {
    method: 'get',
    path: `${apiPath}/tasks`,
    id: 'listTasks',
    tag: 'Catalogue',
    summary: 'List the tasks',
    description: 'What can be asked for here: those that are turned on, with the schemas of what they take and give.',
    answers: { 200: { description: 'The tasks.', content: json('TaskList') } },
    problems: [],
  },
  {
    method: 'get',
    path: `${apiPath}/tasks/{name}`,
    id: 'getTask',
    tag: 'Catalogue',
    summary: 'Read a task',
    parameters: [
      {
        name: 'name',
        in: 'path',
        required: true,
        description: 'The name of the task.',
        schema: { type: 'string' },
        example: 'summarize',
      },
    ],
    answers: { 200: { description: 'The task.', content: json('TaskInfo') } },
    problems: ['not_found'],
  },
  {
    method: 'get',
    path: `${apiPath}/models`,
    id: 'listModels',
    tag: 'Catalogue',
    summary: 'List the models',
    description: 'The model of each task that has one and is turned on, where it runs and whether it is ready.',
    answers: { 200: { description: 'The models.', content: json('ModelList') } },
    problems: [],
  },
];
