import type { AdminState } from '@slipway/contract/admin';
import type { JobList, ListedJob } from '@slipway/contract/job-list';
import type { WorkerStatus } from '@slipway/contract/readiness';
import { html } from 'hono/html';
import type { Html } from '../reference/schema.ts';
import { frame } from './frame.ts';

/** The instance as it is now. `jobs` is null for viewers, and while Redis does not answer. */
export function statePage({ at, you, readiness, queues, workers }: AdminState, jobs: JobList | null): Html {
  return frame(
    'Operator',
    html`<header>
  <h1>This instance is ${readiness.ready ? 'ready' : 'not ready'}</h1>
  <p>As of ${time(at)}. <a href="/admin/">Look again</a></p>
</header>
<main>
  <h2>Parts</h2>
  ${table(
    ['Part', 'State', 'Why'],
    readiness.parts.map(({ name, kind, state, reason }) => [kind ? `${name}: ${kind}` : name, state, reason]),
  )}
  <h2>Tasks and models</h2>
  ${table(
    ['Task', 'Engine', 'Why', 'Model', 'State of the model'],
    Object.entries(readiness.tasks).map(([task, { engine, reason, model }]) => [
      task,
      engine ?? 'none',
      reason,
      model === null ? 'none' : `${model.id} (${model.dtype}, ${model.device})`,
      model === null ? '' : `${model.state}: ${model.reason}`,
    ]),
  )}
  <h2>Queues</h2>
  ${
    queues === null
      ? unknown
      : table(
          ['Task', 'Queued', 'Running', 'Succeeded', 'Ended otherwise'],
          Object.entries(queues).map(([task, counts]) => [
            task,
            ...[counts.queued, counts.running, counts.succeeded, counts.unsuccessful].map(String),
          ]),
        )
  }
  <h2>Workers</h2>
  ${workers === null ? unknown : table(['Worker', 'Process', 'Since', 'Inference processes'], workers.map(workerRow))}
  ${jobs !== null && jobsBlock(jobs)}
  <h2>Session</h2>
  <p>Signed in as <strong>${you.name}</strong>, ${you.role}, until ${time(you.expiresAt)}.</p>
  <form method="post" action="/admin/sign-out"><button>Sign out</button></form>
  ${
    you.role === 'operator' &&
    html`<form method="post" action="/admin/sign-out-everywhere"><p><button>Sign everybody out</button></p></form>`
  }
</main>`,
  );
}

const jobsBlock = ({ jobs }: JobList) => html`<h2>Newest jobs</h2>
  ${table(['Job', 'State', 'Made', 'Engine', 'Begins with'], jobs.map(jobRow))}`;

const jobRow = ({ id, state, createdAt, engine, error, excerpt }: ListedJob) => [
  id,
  error === undefined ? state : `${state}: ${error.code}`,
  time(createdAt),
  engine ?? '',
  excerpt ?? '',
];

const workerRow = ({ id, pid, startedAt, children }: WorkerStatus) => [
  id,
  String(pid),
  time(startedAt),
  `${children.alive} of ${children.total}, ${children.busy} busy`,
];

const unknown = html`<p>Not known while Redis does not answer.</p>`;

/** To the second, in UTC. */
const time = (iso: string) => `${iso.slice(0, 19).replace('T', ' ')} UTC`;

const table = (heads: string[], rows: string[][]): Html =>
  rows.length === 0
    ? html`<p>None.</p>`
    : html`<div class="scroll"><table>
    <thead><tr>${heads.map((head) => html`<th>${head}</th>`)}</tr></thead>
    <tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
  </table></div>`;
