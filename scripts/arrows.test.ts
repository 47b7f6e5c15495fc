import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const plot = mkdtempSync(path.join(tmpdir(), 'slipway-arrows-'));
afterAll(() => rmSync(plot, { recursive: true, force: true }));

/** Plants one file beside a copy of the lint's settings and gives the names of the rules that it breaks. */
function brokenRules(file: string, code: string): string[] {
  const planted = path.join(plot, file);
  mkdirSync(path.dirname(planted), { recursive: true });
  copyFileSync(path.join(root, 'biome.json'), path.join(plot, 'biome.json'));
  writeFileSync(planted, code);
  const args = ['lint', '--vcs-enabled=false', '--reporter=json', file];
  const { stdout } = spawnSync(path.join(root, 'node_modules/.bin/biome'), args, { cwd: plot, encoding: 'utf8' });
  rmSync(planted);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { category: string; severity: string }[] };
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ category }) => category);
}

const arrow = 'lint/style/noRestrictedImports';
const importing = (name: string) => `import { canary } from '${name}';\nexport const kept = canary;\n`;

test.each([
  ['packages/contract/src/canary.ts', 'node:fs'],
  ['packages/contract/src/canary.ts', '@slipway/queue/submit'],
  ['packages/contract/src/tasks/canary.ts', '../../../queue/src/submit.ts'],
  ['packages/config/src/canary.ts', '@slipway/runtime/log'],
  ['packages/runtime/src/canary.ts', 'ioredis'],
  ['packages/queue/src/canary.ts', '@slipway/config/load'],
  ['packages/queue/src/canary.ts', '../../../apps/gateway/src/app.ts'],
  ['packages/files/src/canary.ts', '@slipway/queue/submit'],
  ['packages/files/src/canary.ts', 'mammoth'],
  ['packages/files/src/canary.ts', '@slipway/runtime/log'],
  ['packages/files/src/documents/canary.ts', '@slipway/runtime/log'],
  ['packages/files/src/images/canary.ts', '@slipway/runtime/log'],
  ['packages/files/src/documents/canary.ts', 'sharp'],
  ['packages/files/src/images/canary.ts', 'mammoth'],
  ['packages/inference/src/canary.ts', '@slipway/queue/consume'],
  ['packages/inference/src/canary.ts', 'sharp'],
  ['packages/inference/src/extractive/canary.ts', '@huggingface/transformers'],
  ['packages/client/src/canary.ts', 'node:http'],
  ['apps/gateway/src/canary.ts', 'bullmq'],
  ['apps/gateway/src/canary.ts', 'ioredis'],
  ['apps/gateway/src/canary.ts', '@slipway/inference/engine'],
  ['apps/gateway/src/canary.ts', '../../worker/src/main.ts'],
  ['apps/gateway/src/middleware/canary.ts', './access-log.ts'],
  ['apps/worker/src/canary.ts', 'hono'],
  ['apps/worker/src/canary.ts', '@huggingface/transformers'],
  ['apps/worker/src/handlers/canary.ts', '@slipway/queue/consume'],
  ['apps/launcher/src/canary.ts', 'ioredis'],
  ['apps/admin/src/canary.ts', '@slipway/queue/submit'],
])('%s may not import %s', (file, name) => {
  expect(brokenRules(file, importing(name))).toContain(arrow);
});

test.each([
  ['packages/contract/src/tasks/canary.ts', '../text.ts'],
  ['packages/queue/src/canary.ts', 'bullmq'],
  ['packages/files/src/documents/canary.ts', 'unpdf/pdfjs'],
  ['packages/files/src/images/canary.ts', 'sharp'],
  ['packages/inference/src/transformers/library.ts', '@huggingface/transformers'],
  ['packages/inference/src/transformers/canary.ts', '@slipway/files/images/decode'],
  ['apps/gateway/src/canary.ts', '@slipway/files/documents/read'],
  ['apps/gateway/src/routes/canary.ts', '@slipway/queue/submit'],
  ['apps/worker/src/handlers/canary.ts', '@slipway/inference/engine'],
])('%s may import %s', (file, name) => {
  expect(brokenRules(file, importing(name))).not.toContain(arrow);
});

test('the environment is read in packages/config alone', () => {
  const code = 'export const path = process.env.PATH;\n';
  expect(brokenRules('apps/worker/src/canary.ts', code)).toEqual(['lint/style/noProcessEnv']);
  expect(brokenRules('packages/config/src/canary.ts', code)).toEqual([]);
});

test('barrel files and export * are errors', () => {
  expect(brokenRules('packages/queue/src/canary.ts', "export * from './submit.ts';\n")).toContain(
    'lint/performance/noReExportAll',
  );
});
