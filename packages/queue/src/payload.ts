import { taskOfJobId } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { payloadSchema, type Terms } from '@slipway/contract/records';
import type { TaskName } from '@slipway/contract/tasks';
import { erasedField, parseTerms, termsField } from './inspect.ts';
import type { Queues } from './queues.ts';

export interface Submitted {
  task: TaskName;
  /** Null where it was too large to be kept, or the job was erased. */
  input: unknown;
  options: unknown;
  terms: Terms;
}

/** What a job was given, for a retry. Throws CodedError `job_not_found`, `job_erased` or `queue_unavailable`. */
export async function getSubmitted(queues: Queues, id: string): Promise<Submitted> {
  const task = taskOfJobId(id);
  const values =
    task && (await queues.use(({ redis, key }) => redis.hmget(key(task, id), 'data', termsField, erasedField)));
  const [data, terms, erased] = values ?? [];
  if (!task || !data) throw new CodedError('job_not_found', 'There is no such job.');
  if (erased) throw new CodedError('job_erased', 'The job was erased, and its input with it.');
  const { input, options } = payloadSchema.parse(JSON.parse(data));
  return { task, input, options, terms: parseTerms(terms) };
}
