import { homedir, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import type { Dtype, EngineChoice } from '@slipway/contract/engines';
import { type Env, envSchema } from './env.ts';
import { usableCores, usableMemory } from './machine.ts';

export interface ModelConfig {
  id: string;
  revision: string;
  dtype: Dtype;
}

export interface Config {
  port: number;
  logLevel: string;
  engine: EngineChoice;
  maxBodyBytes: number;
  jobTtlSeconds: number;
  redisUrl: string;
  /** True where the house runs its own redis-server. */
  redisIsOurs: boolean;
  /** Sockets, pid files and temporary files of this instance; short, because a socket's path has at most 107 bytes. */
  runDir: string;
  redisSocket: string;
  /** What our own redis-server may hold; a quarter of the memory, at most 2 GiB. */
  redisMaxBytes: number;
  gatewaySocket: string;
  /** Undefined: the launcher picks the first writable default. */
  dataDir: string | undefined;
  summarizeModel: ModelConfig;
  localModelPath: string | undefined;
  modelCacheDir: string;
  /** Where downloads go when the cache can't be written; gone with the machine. */
  spareModelCacheDir: string;
  hubEndpoint: string;
  hubToken: string | undefined;
  workerChildren: number;
  cores: number;
}

export const defaultPort = 7860;

/**
 * The library's own default for summarization: 230M parameters, 1,024 tokens of input, Apache-2.0. The revision is one
 * that the Hub's public pages show (docs/decisions/0005-default-model.md).
 */
const defaultSummarizeModel: ModelConfig = {
  id: 'Xenova/distilbart-cnn-6-6',
  revision: '1ad05dbf0722414a7f59e1749ae12c377952d39a',
  dtype: 'q8',
};

/** Some variables are wrong. The message names each with what it must be, never with its value: it may be a secret. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Parses the environment once; call it in main.ts and pass the result on. Throws a ConfigError naming every bad variable. */
export function loadConfig(environment: Record<string, string | undefined> = process.env): Config {
  const parsed = envSchema.safeParse(environment);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new ConfigError(`bad configuration: ${faults.join('; ')}`);
  }
  return fromEnv(parsed.data);
}

function fromEnv(env: Env): Config {
  const port = env.PORT ?? defaultPort;
  const runDir = path.join(tmpdir(), `slipway-${userInfo().uid}-${port}`);
  const redisSocket = path.join(runDir, 'redis.sock');
  return {
    port,
    logLevel: env.LOG_LEVEL ?? 'info',
    engine: env.ENGINE ?? 'auto',
    maxBodyBytes: env.MAX_BODY_BYTES ?? 10 * 1024 ** 2,
    jobTtlSeconds: env.JOB_TTL ?? 7 * 86_400,
    redisUrl: env.REDIS_URL ?? `unix://${redisSocket}`,
    redisIsOurs: env.REDIS_URL === undefined,
    runDir,
    redisSocket,
    gatewaySocket: path.join(runDir, 'gateway.sock'),
    dataDir: env.DATA_DIR === undefined ? undefined : path.resolve(env.DATA_DIR),
    summarizeModel: summarizeModel(env),
    localModelPath: env.LOCAL_MODEL_PATH === undefined ? undefined : path.resolve(env.LOCAL_MODEL_PATH),
    modelCacheDir: path.join(env.HF_HOME ?? path.join(homedir(), '.cache', 'huggingface'), 'slipway'),
    spareModelCacheDir: path.join(runDir, 'models'),
    hubEndpoint: (env.HF_ENDPOINT ?? 'https://huggingface.co').replace(/\/+$/, ''),
    hubToken: env.HF_TOKEN,
    workerChildren: env.WORKER_CHILDREN ?? 1,
    cores: env.CPU_CORES ?? usableCores(),
    redisMaxBytes: Math.round(Math.min(2 * 1024 ** 3, usableMemory() / 4)),
  };
}

function summarizeModel(env: Env): ModelConfig {
  const id = env.SUMMARIZE_MODEL ?? env.MODEL_NAME ?? defaultSummarizeModel.id;
  // the default's revision and number format say nothing about another model
  const base = id === defaultSummarizeModel.id ? defaultSummarizeModel : { revision: 'main', dtype: 'fp32' as const };
  return {
    id,
    revision: env.SUMMARIZE_MODEL_REVISION ?? base.revision,
    dtype: env.SUMMARIZE_MODEL_DTYPE ?? base.dtype,
  };
}
