import { expect, test } from 'vitest';
import { cacheFolder, checkModel } from './model.ts';

const model = { id: 'made/copier', revision: 'main', dtype: 'fp32' } as const;

test.each(['../etc', 'etc', '/etc/passwd', 'a/b/c', './x', 'a/..', 'http://x/y', 'a/b?c', ''])(
  'refuses the id %j',
  (id) => {
    expect(() => checkModel({ ...model, id })).toThrow('<org>/<name>');
  },
);

test.each(['..', '../x', 'a/../..', '.git', '', 'a b', 'a?b'])('refuses the revision %j', (revision) => {
  expect(() => checkModel({ ...model, revision })).toThrow('branch, a tag or a commit');
});

test.each(['main', 'v1.0', 'refs/pr/1', 'f'.repeat(40)])('takes the revision %j', (revision) => {
  expect(() => checkModel({ ...model, revision })).not.toThrow();
});

test('a revision with slashes is one folder', () => {
  expect(cacheFolder('/cache', { ...model, revision: 'refs/pr/1' })).toBe('/cache/made/copier/refs%2Fpr%2F1/fp32');
});
