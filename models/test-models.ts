import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { env, LogLevel, type PipelineType, pipeline } from '@huggingface/transformers';
import { makeModels } from './make.ts';

/** The models in a folder of their own, and the real library reading from there and nowhere else. */
export async function makeTestModels() {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-models-'));
  await makeModels(dir);
  env.logLevel = LogLevel.NONE;
  env.localModelPath = `${dir}/`;
  env.allowRemoteModels = false;
  env.useFSCache = false;
  // an address that is nowhere, should the library ask all the same: nothing can be below a file that is no folder
  env.remoteHost = '/dev/null/';
  return {
    dir,
    load: <Task extends PipelineType>(task: Task, id: string) =>
      pipeline(task, id, { dtype: 'fp32', device: 'cpu', session_options: { intraOpNumThreads: 1 } }),
    remove: () => rm(dir, { recursive: true }),
  };
}
