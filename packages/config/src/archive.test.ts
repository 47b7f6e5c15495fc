import { expect, test } from 'vitest';
import { loadConfig } from './load.ts';

test('a dataset is <owner>/<name>', () => {
  expect(loadConfig({ HF_DATASET_REPO: 'ann/my-jobs_2.0' }).hubDataset).toBe('ann/my-jobs_2.0');
  expect(loadConfig({ HF_DATASET_REPO: '' }).hubDataset).toBeUndefined();
});

test('point 38: pushes are five minutes apart unless told otherwise', () => {
  expect(loadConfig({}).archiveEveryMs).toBe(300_000);
  expect(loadConfig({ ARCHIVE_EVERY: '2' }).archiveEveryMs).toBe(2_000);
});

test.each(['jobs', 'ann/jobs/more', '../jobs', 'ann/..', 'ann/a b', 'https://hub.example/ann/jobs'])(
  'HF_DATASET_REPO=%s is refused',
  (HF_DATASET_REPO) => {
    expect(() => loadConfig({ HF_DATASET_REPO })).toThrow('HF_DATASET_REPO must be <owner>/<name>');
  },
);
