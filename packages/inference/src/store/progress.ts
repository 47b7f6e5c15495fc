/** How a download goes, for people. */
export interface DownloadReport {
  bytesDone: number;
  /** Counts files whose size the hub told. */
  bytesTotal: number;
  /** Over the last ten seconds; null until there is something to tell. */
  bytesPerSecond: number | null;
  secondsLeft: number | null;
  /** What it stands still for: another process that downloads the same model, or a hub that asked for a pause. */
  waitingFor: 'another-process' | 'hub' | null;
}

export type OnProgress = (bytesDone: number, bytesTotal: number, progress: DownloadReport) => void;

const windowMs = 10_000;
/** A rate over less than this says nothing. */
const leastMs = 1_000;
/** Pieces of 64 KB arrive by the thousand. */
const sampleMs = 100;

/** Adds up what arrives, and tells it. `now`: milliseconds, from any start, never backwards. */
export class DownloadProgress {
  #tell: OnProgress;
  #now: () => number;
  #total = 0;
  /** Bytes that are there, by file. */
  #files = new Map<string, number>();
  /** How much had arrived at a moment, over the last seconds. */
  #samples: { atMs: number; bytes: number }[] = [];
  #arrived = 0;

  constructor(tell: OnProgress, now: () => number = () => performance.now()) {
    this.#tell = tell;
    this.#now = now;
  }

  begin(bytesTotal: number): void {
    this.#total = bytesTotal;
    this.#files.clear();
    this.#samples = [];
    this.#say(null);
  }

  /** A file stands at so many bytes which did not arrive just now: they were on the disk, or are thrown away. */
  stand(file: string, bytes: number): void {
    if ((this.#files.get(file) ?? 0) === bytes) return;
    this.#files.set(file, bytes);
    this.#say(null);
  }

  arrive(file: string, bytes: number): void {
    this.#files.set(file, (this.#files.get(file) ?? 0) + bytes);
    this.#sample(bytes);
    this.#say(null);
  }

  /** The hub asked for a pause. */
  pause(): void {
    this.#samples = [];
    this.#say('hub');
  }

  /** Another process is at it, and has got so far. */
  follow(bytesDone: number, bytesTotal: number): void {
    const before = this.#files.get('');
    this.#files.set('', bytesDone);
    this.#total = bytesTotal;
    if (before === undefined || bytesDone < before) this.#samples = [];
    this.#sample(before === undefined ? 0 : Math.max(0, bytesDone - before));
    this.#say('another-process');
  }

  #sample(bytes: number): void {
    this.#arrived += bytes;
    const atMs = this.#now();
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs - last.atMs < sampleMs) return;
    this.#samples.push({ atMs, bytes: this.#arrived });
    // one that is older stays, or a slow connection would have no rate
    while (this.#samples.length > 2 && atMs - (this.#samples[1]?.atMs ?? atMs) >= windowMs) this.#samples.shift();
  }

  #say(waitingFor: DownloadReport['waitingFor']): void {
    let bytesDone = 0;
    for (const bytes of this.#files.values()) bytesDone += bytes;
    const bytesTotal = this.#total;
    const bytesPerSecond = this.#rate();
    const secondsLeft = bytesPerSecond ? Math.max(0, bytesTotal - bytesDone) / bytesPerSecond : null;
    this.#tell(bytesDone, bytesTotal, { bytesDone, bytesTotal, bytesPerSecond, secondsLeft, waitingFor });
  }

  #rate(): number | null {
    const first = this.#samples[0];
    if (first === undefined) return null;
    const ms = this.#now() - first.atMs;
    return ms < leastMs ? null : ((this.#arrived - first.bytes) / ms) * 1000;
  }
}

/** One sentence for the log and for people, such as "Downloading, 42 % of 284 MB, 3.1 MB/s, about 1 min left." */
export function sentence({ bytesDone, bytesTotal, bytesPerSecond, secondsLeft, waitingFor }: DownloadReport): string {
  if (waitingFor === 'hub') return 'The hub asked for a pause in the download.';
  const who = waitingFor === null ? 'Downloading' : 'Another process is downloading';
  const share = bytesTotal > 0 ? `${Math.floor((100 * Math.min(bytesDone, bytesTotal)) / bytesTotal)} % of ` : '';
  const parts = [who, `${share}${megabytes(bytesTotal || bytesDone)} MB`];
  if (bytesPerSecond !== null) parts.push(`${megabytes(bytesPerSecond)} MB/s`);
  if (secondsLeft !== null) parts.push(`about ${duration(secondsLeft)} left`);
  return `${parts.join(', ')}.`;
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
