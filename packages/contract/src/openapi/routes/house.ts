import { json, type Route } from '../route.ts';

export const houseRoutes: Route[] = [
  {
    method: 'get',
    path: '/healthz',
    id: 'getHealth',
    tag: 'House',
    summary: 'Is it alive',
    answers: { 200: { description: 'The gateway answers.', content: json('Health') } },
    problems: [],
  },
  {
    method: 'get',
    path: '/readyz',
    id: 'getReadiness',
    tag: 'House',
    summary: 'Is it ready',
    description:
      'Ready means: at least one task has an engine that would run its jobs now. A model on its way does not count.',
    answers: {
      200: { description: 'It is ready.', content: json('Readiness') },
      503: { description: 'It is not; the parts say why.', content: json('Readiness') },
    },
    problems: [],
  },
  {
    method: 'get',
    path: '/metrics',
    id: 'getMetrics',
    tag: 'House',
    summary: 'How much there is to do',
    description:
      'In the text format of Prometheus. Where there are keys it needs one; on a Space without keys it is closed.',
    answers: { 200: { description: 'Gauges.', content: { 'text/plain': { schema: { type: 'string' } } } } },
    problems: ['unauthorized', 'key_required', 'rate_limited', 'queue_unavailable'],
  },
  {
    method: 'get',
    path: '/openapi.json',
    id: 'getOpenapi',
    tag: 'House',
    summary: 'This document',
    answers: {
      200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
    },
    problems: [],
  },
  {
    method: 'get',
    path: '/docs',
    id: 'getReference',
    tag: 'House',
    summary: 'This document for people',
    answers: { 200: { description: 'A page.', content: { 'text/html': { schema: { type: 'string' } } } } },
    problems: [],
  },
];
