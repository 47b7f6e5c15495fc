/**
 * Puts the models that the build args name into a folder of the image; the Dockerfile calls it, bundled.
 *   node scripts/bake.ts <folder>
 * Ends with code 1 and one line where one can't be had.
 */
import { mkdirSync } from 'node:fs';
import { type BakeConfig, loadBakeConfig } from '@slipway/config/bake';
import { writeBakedModels } from '@slipway/config/baked';
import type { ModelConfig } from '@slipway/config/models';
import { useProxyFromEnvironment } from '@slipway/config/proxy';
import { bakeModel } from '@slipway/inference/store/bake';
import { HubUnreachableError, ModelUnavailableError } from '@slipway/inference/store/unavailable';

async function bake(dir: string, { models, hubEndpoint: endpoint, hubToken: token }: BakeConfig): Promise<void> {
  const baked: ModelConfig[] = [];
  for (const model of models) {
    const { signal } = new AbortController();
    const pinned = await bakeModel({ model, dir, endpoint, token, signal });
    baked.push(pinned);
    console.log(`${pinned.task}: ${pinned.id} at ${pinned.revision}, ${pinned.dtype}, is in the image`);
  }
  if (baked.length === 0) console.log('no model is put into the image');
  mkdirSync(dir, { recursive: true });
  writeBakedModels(dir, baked);
}

/** The builder shows it among its own lines, so it says what could not be done. */
function lineOf(error: unknown): string {
  if (!(error instanceof ModelUnavailableError)) return `slipway: ${(error as Error).message}`;
  const { id, task } = error.model;
  const isAway = error instanceof HubUnreachableError;
  const advice = isAway
    ? 'try again later, or name a mirror in HF_ENDPOINT'
    : 'check MODEL_REPO_NAME, MODEL_REVISION, MODEL_DTYPE, MODEL_TASK and PRELOAD_MODELS; a private model takes the secret HF_TOKEN';
  return `slipway: ${id} can't be put into the image for ${task}: ${error.what}; ${advice}`;
}

const [dir] = process.argv.slice(2);
try {
  if (dir === undefined) throw new Error('usage: bake.ts <folder>');
  useProxyFromEnvironment();
  await bake(dir, loadBakeConfig());
} catch (error) {
  console.error(lineOf(error));
  process.exitCode = 1;
}
