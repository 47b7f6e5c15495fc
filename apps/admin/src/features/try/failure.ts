export interface Failure {
  during: 'sending' | 'following' | 'canceling' | 'retrying';
  /** The job that it is about; null for one that was not taken. */
  jobId: string | null;
  error: unknown;
  /** Tries the same once more. */
  again: () => void;
}

/** What failed says nothing of another job than its own, to which a person may have gone meanwhile. */
export const concernsJob = ({ jobId }: Failure, shownId: string | null) => jobId === null || jobId === shownId;
