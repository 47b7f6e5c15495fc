import type { Example } from './examples.ts';
import type { RequestCode } from './request-problems.ts';
import { ref, type Schema } from './schemas.ts';

/** One entry of the table of routes. */

export type HeaderName =
  | 'Location'
  | 'Retry-After'
  | 'X-Request-Id'
  | 'ETag'
  | 'Idempotent-Replayed'
  | 'Preference-Applied'
  | 'RateLimit'
  | 'RateLimit-Policy';

export interface Content {
  schema: Schema;
  examples?: Record<string, Example>;
  /** Media types of the parts of a form that are not text. */
  encoding?: Record<string, { contentType: string }>;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description: string;
  schema: Schema;
  example?: unknown;
}

export interface Answer {
  description: string;
  headers?: HeaderName[];
  /** By media type; none where the body is empty. */
  content?: Record<string, Content>;
}

export interface Route {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  /** Names the operation in generated clients. */
  id: string;
  tag: 'Jobs' | 'Catalogue' | 'House' | 'Operator';
  summary: string;
  description?: string;
  parameters?: Parameter[];
  /** By media type. */
  body?: Record<string, Content>;
  bodyIsOptional?: true;
  answers: Record<number, Answer>;
  /** What it may end in, besides what any request may. */
  problems: RequestCode[];
}

/** A JSON body of one of the named schemas. */
export const json = (name: string, examples?: Record<string, Example>): Record<string, Content> => ({
  'application/json': { schema: ref(name), ...(examples && { examples }) },
});
