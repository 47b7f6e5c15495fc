import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const plot = mkdtempSync(path.join(tmpdir(), 'slipway-arrows-'));
afterAll(() => rmSync(plot, { recursive: true, force: true }));

/** Plants a file beside a copy of the lint's settings, under a number of its own. */
function plant(file: string, code: string): string {
  planted += 1;
  const name = file.replace('canary', `canary${planted}`);
  mkdirSync(path.dirname(path.join(plot, name)), { recursive: true });
  writeFileSync(path.join(plot, name), code);
  return name;
}
let planted = 0;

/** Lints all that is planted, once, for to start it takes longer than to lint; gives the rules that each file breaks. */
function lint(): Map<string, string[]> {
  copyFileSync(path.join(root, 'biome.json'), path.join(plot, 'biome.json'));
  const args = ['lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', '.'];
  const { stdout } = spawnSync(path.join(root, 'node_modules/.bin/biome'), args, { cwd: plot, encoding: 'utf8' });
  const { summary, diagnostics } = JSON.parse(stdout) as Report;
  expect(summary.changed + summary.unchanged).toBeGreaterThanOrEqual(planted);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const byFile = Map.groupBy(errors, ({ location }) => location.path);
  return new Map([...byFile].map(([file, found]) => [file, found.map(({ category }) => category)]));
}
interface Report {
  summary: { changed: number; unchanged: number };
  diagnostics: { category: string; severity: string; location: { path: string } }[];
}
let rules: Map<string, string[]> | undefined;
function brokenRules(file: string): string[] {
  rules ??= lint();
  return rules.get(file) ?? [];
}

const arrow = 'lint/style/noRestrictedImports';
const importing = ([file = '', name = '']: string[]) => ({
  file,
  name,
  planted: plant(file, `import { canary } from '${name}';\nexport const kept = canary;\n`),
});

const forbidden = [
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
].map(importing);
test.each(forbidden)('$file may not import $name', ({ planted }) => {
  expect(brokenRules(planted)).toContain(arrow);
});

const allowed = [
  ['packages/contract/src/tasks/canary.ts', '../text.ts'],
  ['packages/queue/src/canary.ts', 'bullmq'],
  ['packages/files/src/documents/canary.ts', 'unpdf/pdfjs'],
  ['packages/files/src/images/canary.ts', 'sharp'],
  ['packages/inference/src/transformers/library.ts', '@huggingface/transformers'],
  ['packages/inference/src/transformers/canary.ts', '@slipway/files/images/decode'],
  ['apps/gateway/src/canary.ts', '@slipway/files/documents/read'],
  ['apps/gateway/src/routes/canary.ts', '@slipway/queue/submit'],
  ['apps/worker/src/handlers/canary.ts', '@slipway/inference/engine'],
].map(importing);
test.each(allowed)('$file may import $name', ({ planted }) => {
  expect(brokenRules(planted)).not.toContain(arrow);
});

const reading = 'export const path = process.env.PATH;\n';
const [inWorker, inConfig] = [
  plant('apps/worker/src/canary.ts', reading),
  plant('packages/config/src/canary.ts', reading),
];
test('the environment is read in packages/config alone', () => {
  expect(brokenRules(inWorker)).toEqual(['lint/style/noProcessEnv']);
  expect(brokenRules(inConfig)).toEqual([]);
});

const barrel = plant('packages/queue/src/canary.ts', "export * from './submit.ts';\n");
test('barrel files and export * are errors', () => {
  expect(brokenRules(barrel)).toContain('lint/performance/noReExportAll');
});
