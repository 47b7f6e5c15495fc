import { CodedError } from '@slipway/contract/problems';
import type { Part } from '@slipway/contract/readiness';
import { type ArchiveState, countUnarchived, readArchiveState } from '@slipway/queue/archive/state';
import type { Queues } from '@slipway/queue/queues';

/** The archive as the gateway sees it, by what the courier notes in Redis. There is none where no dataset is named. */
export interface Archive {
  /** For `/readyz`. */
  part(): Promise<Part>;
  /**
   * Throws CodedError `queue_unavailable` while jobs of before the start may yet come back: one that is not found then is
   * not lost.
   */
  whileComing(): Promise<void>;
  /** The same for lists, and only for as long as a restore usually takes: else there would be none while the Hub is away. */
  whileSoonComing(): Promise<void>;
}

export interface ArchiveOptions {
  queues: Queues;
  /** HF_DATASET_REPO. */
  dataset: string | undefined;
  /** Whether there is a token, and the Hub may be asked. */
  canAsk: boolean;
}

/** After how many seconds it is worth looking again: a restore of ten thousand jobs takes about three. */
const retryAfterSeconds = 3;

export function openArchive({ queues, dataset, canAsk }: ArchiveOptions): Archive | undefined {
  if (dataset === undefined) return undefined;

  /** How far the restore is. An empty Redis says nothing yet, one that outlived the courier says what it holds. */
  function progress(state: ArchiveState): 'soon' | 'late' | 'refused' | 'done' {
    const { restore } = state;
    if (restore === 'late' || restore === 'refused') return restore;
    return restore === 'done' && state.dataset === dataset ? 'done' : 'soon';
  }

  async function refuse(during: ReturnType<typeof progress>[]): Promise<void> {
    if (!canAsk || !during.includes(progress(await readArchiveState(queues)))) return;
    const message = 'Jobs of before the restart are being brought back. Ask again in a moment.';
    throw new CodedError('queue_unavailable', message, { retryAfterSeconds });
  }

  return {
    async part() {
      const degraded = (reason: string): Part => ({ name: 'archive', state: 'degraded', reason });
      if (!canAsk)
        return degraded('HF_DATASET_REPO is set, but without HF_TOKEN, or with HF_HUB_OFFLINE=1, no job is archived.');
      const known = await Promise.all([readArchiveState(queues), countUnarchived(queues)]).catch(() => undefined);
      if (!known) return degraded('Not known while Redis does not answer.');
      const [state, waiting] = known;
      const { fault, pushedAt } = state;
      const behind = `${waiting === 0 ? 'No' : `About ${waiting}`} ended jobs wait to be archived.`;
      const last = pushedAt === undefined ? 'Not pushed yet.' : `Up to date at ${new Date(pushedAt).toISOString()}.`;
      const why = fault ? ` The last try failed: ${fault}. ${adviceFor(fault)}` : '';
      if (progress(state) !== 'done')
        return degraded(`Jobs of before the restart are not all brought back yet.${why} ${behind}`);
      return fault
        ? degraded(`${last}${why} ${behind}`)
        : { name: 'archive', state: 'ok', reason: `${last} ${behind}` };
    },
    whileComing: () => refuse(['soon', 'late']),
    whileSoonComing: () => refuse(['soon']),
  };
}

const adviceFor = (fault: string) =>
  /HF_TOKEN|public|answered 40[013]/.test(fault)
    ? 'HF_TOKEN must be one that may write the dataset, which must be private.'
    : 'It is tried again.';
