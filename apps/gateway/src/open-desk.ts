import type { Job } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import type { Admission } from '@slipway/queue/admission';
import { cancelJob } from '@slipway/queue/cancel';
import { eraseJob } from '@slipway/queue/erase';
import type { Estimator } from '@slipway/queue/estimate/estimator';
import { type Followers, followJob } from '@slipway/queue/follow';
import { claimKey, findMade } from '@slipway/queue/idempotency';
import { lengthOf } from '@slipway/queue/index-of-jobs';
import { getJob } from '@slipway/queue/inspect';
import { listJobs } from '@slipway/queue/list';
import { getSubmitted } from '@slipway/queue/payload';
import { submitJob } from '@slipway/queue/submit';
import { waitForJob } from '@slipway/queue/wait';
import { listDeliveries } from '@slipway/queue/webhooks/delivery-log';
import type { Archive } from './archive.ts';
import type { Caller } from './caller.ts';
import type { Desk } from './desk.ts';
import type { Submission } from './submission.ts';

export interface DeskDeps extends Followers {
  admission: Admission;
  estimator: Estimator;
  archive?: Archive | undefined;
}

/** What a job takes in Redis besides its input, in bytes; a character of the input takes up to three. */
const bytesOfJob = 2_048;
const bytesOf = (input: unknown) => bytesOfJob + 2 * lengthOf(input);

export function openDesk({ queues, watcher, admission, estimator, archive }: DeskDeps): Desk {
  const followers = { queues, watcher };
  const view = ({ owner }: Caller) => ({ owner, estimator });

  function keep({ task, input, options, terms }: Submission, caller: Caller, id?: string): Promise<Job> {
    const owned = caller.owner === null ? terms : { ...terms, owner: caller.owner };
    return admission.admit(bytesOf(input), () =>
      submitJob(queues, task, input, options, owned, { ...view(caller), ...(id !== undefined && { id }) }),
    );
  }

  async function find(id: string, caller: Caller): Promise<Job | undefined> {
    try {
      return await getJob(queues, id, view(caller));
    } catch (error) {
      if (error instanceof CodedError && error.code === 'job_not_found') return undefined;
      throw error;
    }
  }

  /** Everything that asks for a job begins with this. */
  async function get(id: string, caller: Caller): Promise<Job> {
    const read = () => getJob(queues, id, view(caller));
    if (!archive) return read();
    const job = await find(id, caller);
    if (job) return job;
    await archive.whileComing();
    return read(); // it may have come meanwhile
  }

  return {
    async submit(submission, caller, idempotencyKey) {
      if (idempotencyKey === undefined) return { job: await keep(submission, caller), replayed: false };
      const claim = await claimKey(queues, caller.client, idempotencyKey, submission.task, submission);
      const earlier = claim.replayed ? await find(claim.id, caller) : undefined;
      if (earlier) return { job: earlier, replayed: true };
      // the key may be known and its job not: it was refused before, and is made only now
      return { job: await keep(submission, caller, claim.id), replayed: false };
    },
    made: (idempotencyKeys, { client }) => findMade(queues, client, idempotencyKeys),
    get,
    untilEnd: (id, caller, ms, signal) => waitForJob(followers, id, { ...view(caller), ms, signal }),
    waitUntil: (id, caller, until, ms, signal) => waitForJob(followers, id, { ...view(caller), until, ms, signal }),
    follow: (id, caller, after, signal) => followJob(followers, id, after, signal, view(caller)),
    async cancel(id, caller) {
      await get(id, caller);
      await cancelJob(queues, id);
      return get(id, caller);
    },
    async erase(id, caller) {
      await get(id, caller);
      await eraseJob(queues, id);
      return get(id, caller);
    },
    async submitted(id, caller) {
      await get(id, caller);
      return getSubmitted(queues, id);
    },
    async deliveries(id, caller) {
      await get(id, caller);
      return listDeliveries(queues, id);
    },
    async list(query, { owner }) {
      if (owner === null)
        throw new CodedError('key_required', 'Jobs are listed by key. Where the API is open nobody has a list.');
      await archive?.whileSoonComing();
      return listJobs(queues, query, { owner, estimator });
    },
  };
}
