import type { OperatorConfig } from '@slipway/config/operator';
import type { DataFolder } from '@slipway/contract/data-folder';
import type { TaskName } from '@slipway/contract/tasks';
import type { Estimator } from '@slipway/queue/estimate/estimator';
import type { Queues } from '@slipway/queue/queues';
import type { Log } from '@slipway/runtime/log';
import { Hono } from 'hono';
import type { AppEnv } from '../caller.ts';
import { operatorApi } from './api.ts';
import { operatorCookies } from './cookies.ts';
import { operatorPages } from './pages.ts';
import { openSessions } from './sessions.ts';

export interface OperatorOptions {
  config: OperatorConfig;
  onSpace: boolean;
  port: number;
  signInFile: string;
  /** What the launcher found the data folder to be. */
  data?: () => DataFolder | undefined;
  queues: Queues;
  estimator: Estimator;
  log: Log;
}

export interface Operator {
  /** `/admin/`, `/login/callback` and `/api/v1/admin/`. */
  routes(tasks: TaskName[]): Hono<AppEnv>;
  /**
   * Whether a request, or the upgrade of a WebSocket, comes from somebody who is signed in as an operator; never where a
   * page of another site sent it. Throws CodedError `queue_unavailable` where that can't be told.
   */
  isOperator(headers: Headers): Promise<boolean>;
}

export function openOperator(options: OperatorOptions): Operator {
  const { config, queues } = options;
  const sessions = openSessions({ config, queues, cookies: operatorCookies(options) });
  return {
    routes: (tasks) =>
      new Hono<AppEnv>()
        .route('/', operatorPages({ ...options, sessions, tasks }))
        .route('/', operatorApi({ ...options, sessions, tasks, hosts: config.hosts })),
    isOperator: async (headers) => (await sessions.find(headers))?.role === 'operator',
  };
}
