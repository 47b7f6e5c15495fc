import { expect, test } from 'vitest';
import { DownloadProgress, type DownloadReport, sentence } from './progress.ts';

const megabyte = 1_000_000;

/** A download whose clock the test moves, and what it told last. */
function start() {
  const clock = { ms: 0 };
  const told: DownloadReport[] = [];
  const tell = (done: number, total: number, progress: DownloadReport) => {
    expect([done, total]).toEqual([progress.bytesDone, progress.bytesTotal]);
    told.push(progress);
  };
  return { clock, progress: new DownloadProgress(tell, () => clock.ms), last: () => told.at(-1) };
}

/** One megabyte a second, in four pieces. */
function arrive({ clock, progress }: ReturnType<typeof start>, seconds: number, rate = megabyte): void {
  for (let piece = 0; piece < seconds * 4; piece += 1) {
    clock.ms += 250;
    progress.arrive('a', rate / 4);
  }
}

test('tells the rate and the time that is left when there is something to tell', () => {
  const download = start();
  download.progress.begin(100 * megabyte);
  expect(download.last()).toEqual({
    bytesDone: 0,
    bytesTotal: 100 * megabyte,
    bytesPerSecond: null,
    secondsLeft: null,
    waitingFor: null,
  });
  arrive(download, 5);
  expect(download.last()).toMatchObject({ bytesDone: 5 * megabyte, bytesPerSecond: megabyte, secondsLeft: 95 });
});

test('the rate is that of the last seconds', () => {
  const download = start();
  download.progress.begin(100 * megabyte);
  arrive(download, 30);
  arrive(download, 15, 2 * megabyte);
  expect(download.last()).toMatchObject({ bytesPerSecond: 2 * megabyte, secondsLeft: 20 });
});

test('a connection that gives a piece a minute has a rate too', () => {
  const download = start();
  download.progress.begin(100 * megabyte);
  for (let piece = 0; piece < 3; piece += 1) {
    download.clock.ms += 60_000;
    download.progress.arrive('a', 6 * megabyte);
  }
  expect(download.last()).toMatchObject({ bytesPerSecond: 100_000 });
});

test('what was on the disk has not arrived, and what is thrown away is not there', () => {
  const download = start();
  download.progress.begin(100 * megabyte);
  download.progress.stand('b', 50 * megabyte);
  arrive(download, 5);
  expect(download.last()).toMatchObject({ bytesDone: 55 * megabyte, bytesPerSecond: megabyte, secondsLeft: 45 });
  download.progress.stand('b', 0);
  expect(download.last()).toMatchObject({ bytesDone: 5 * megabyte, bytesPerSecond: megabyte, secondsLeft: 95 });
});

test('more than was announced is no time less than none', () => {
  const download = start();
  download.progress.begin(megabyte);
  arrive(download, 5);
  expect(download.last()).toMatchObject({ bytesDone: 5 * megabyte, secondsLeft: 0 });
});

test('another process is followed, and then counts no more', () => {
  const download = start();
  for (let second = 0; second <= 5; second += 1) {
    download.clock.ms += 1000;
    download.progress.follow((50 + second) * megabyte, 100 * megabyte);
  }
  expect(download.last()).toMatchObject({
    bytesDone: 55 * megabyte,
    bytesPerSecond: megabyte,
    secondsLeft: 45,
    waitingFor: 'another-process',
  });
  download.progress.begin(100 * megabyte);
  expect(download.last()).toMatchObject({ bytesDone: 0, bytesPerSecond: null, waitingFor: null });
});

test('a pause of the hub is no slow connection', () => {
  const download = start();
  download.progress.begin(100 * megabyte);
  arrive(download, 5);
  download.progress.pause();
  expect(download.last()).toMatchObject({ bytesDone: 5 * megabyte, secondsLeft: null, waitingFor: 'hub' });
  download.clock.ms += 60_000;
  arrive(download, 5);
  expect(download.last()).toMatchObject({ bytesPerSecond: megabyte, waitingFor: null });
});

test.each([
  [{}, 'Downloading, 0 % of 284 MB.'],
  [{ bytesDone: 283_999_999 }, 'Downloading, 99 % of 284 MB.'],
  [
    { bytesDone: 120e6, bytesPerSecond: 3.12e6, secondsLeft: 52.5 },
    'Downloading, 42 % of 284 MB, 3.1 MB/s, about 53 s left.',
  ],
  [{ bytesPerSecond: 12e6, secondsLeft: 150 }, 'Downloading, 0 % of 284 MB, 12 MB/s, about 3 min left.'],
  [{ bytesPerSecond: 12e3, secondsLeft: 23_000 }, 'Downloading, 0 % of 284 MB, 0.0 MB/s, about 6 h left.'],
  [{ bytesTotal: 0, bytesDone: 5e6 }, 'Downloading, 5.0 MB.'],
  [{ bytesDone: 142e6, waitingFor: 'another-process' }, 'Another process is downloading, 50 % of 284 MB.'],
  [{ waitingFor: 'hub' }, 'The hub asked for a pause in the download.'],
] as [Partial<DownloadReport>, string][])('in a sentence: %j', (change, expected) => {
  const progress = { bytesDone: 0, bytesTotal: 284e6, bytesPerSecond: null, secondsLeft: null, waitingFor: null };
  expect(sentence({ ...progress, ...change })).toBe(expected);
});
