import type { OperatorConfig } from '@slipway/config/operator';
import type { OperatorRole } from '@slipway/contract/admin';
import type { TaskName } from '@slipway/contract/tasks';
import type { Estimator } from '@slipway/queue/estimate/estimator';
import type { Queues } from '@slipway/queue/queues';
import type { Log } from '@slipway/runtime/log';
import { Hono } from 'hono';
import type { AppEnv } from '../caller.ts';
import type { HealthSources } from '../readiness.ts';
import { operatorApi } from './api.ts';
import { operatorCookies } from './cookies.ts';
import type { Asked } from './foreign.ts';
import { letsNobodyIn } from './gate.ts';
import { operatorPages } from './pages.ts';
import { openSessions } from './sessions.ts';

export interface OperatorOptions {
  config: OperatorConfig;
  onSpace: boolean;
  port: number;
  signInFile: string;
  queues: Queues;
  estimator: Estimator;
  log: Log;
}

export interface Operator {
  /** `/admin/`, `/login/callback` and `/api/v1/admin/`. */
  routes(tasks: TaskName[], health: HealthSources): Hono<AppEnv>;
  /**
   * What somebody who is signed in may be by whom a request, or the upgrade of a WebSocket, was sent; null for everybody
   * else, and where a page of another site sent it. Throws CodedError `queue_unavailable` where that can't be told.
   */
  roleOf(asked: Asked): Promise<OperatorRole | null>;
}

export function openOperator(options: OperatorOptions): Operator {
  const { config, queues, log } = options;
  const sessions = openSessions({ config, queues, cookies: operatorCookies(options), log });
  if (letsNobodyIn(config))
    log.warn('nobody can sign in as the operator: OAUTH_CLIENT_ID is set, but not who may: name them in ADMIN_USERS');
  return {
    routes: (tasks, health) =>
      new Hono<AppEnv>()
        .route('/', operatorPages({ ...options, sessions, tasks, health }))
        .route('/', operatorApi({ ...options, sessions, tasks, health, hosts: config.hosts })),
    roleOf: async (asked) => (await sessions.find(asked))?.role ?? null,
  };
}
