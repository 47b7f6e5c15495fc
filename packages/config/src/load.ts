import { homedir, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import type { DeviceChoice, EngineChoice } from '@slipway/contract/engines';
import type { ModelTaskName } from '@slipway/contract/tasks';
import type { ApiKey, RateLimit } from './access.ts';
import { readBakedModels } from './baked.ts';
import { type Env, envSchema } from './env.ts';
import { usableCores, usableMemory } from './machine.ts';
import { type ModelConfig, modelConfigs } from './models.ts';
import { type OperatorConfig, operatorConfig } from './operator.ts';
import { leftOut } from './platform.ts';

export interface Config {
  port: number;
  logLevel: string;
  engine: EngineChoice;
  maxBodyBytes: number;
  jobTtlSeconds: number;
  /** Jobs that may wait or run at once. */
  maxQueueDepth: number;
  /** What Redis may hold before new jobs are refused, in bytes. */
  maxQueueBytes: number;
  /** Undefined: the API is open. */
  apiKeys: ApiKey[] | undefined;
  /** Whose pages may use the API besides our own. */
  allowedOrigins: string[] | '*';
  /** Submissions of one caller; null: no limit. */
  rateLimit: RateLimit | null;
  /** Who may sign in as the operator. */
  operator: OperatorConfig;
  /** What signs webhooks, the newest first; undefined: a secret that the house makes for itself. */
  webhookSecrets: string[] | undefined;
  webhookAllowedHosts: string[];
  /** Whether the house runs on a Space, behind the platform's proxy. */
  onSpace: boolean;
  /** Names of the platform's variables that count as not set (platform.ts); empty off a Space. */
  leftOut: string[];
  redisUrl: string;
  /** True where the house runs its own redis-server. */
  redisIsOurs: boolean;
  /** Sockets, pid files and temporary files of this instance; short, because a socket's path has at most 107 bytes. */
  runDir: string;
  redisSocket: string;
  /** What our own redis-server may hold; a quarter of the memory, at most 2 GiB. */
  redisMaxBytes: number;
  gatewaySocket: string;
  /** Holds the hash of the one-time link's token, for as long as it may be used. */
  signInFile: string;
  /** Undefined: the launcher picks the first writable default. */
  dataDir: string | undefined;
  dataKind: 'auto' | 'disk' | 'bucket';
  /** Whether HF_HOME is set; else the launcher puts downloads where they are kept. */
  hfHomeIsSet: boolean;
  /** The model of each task that has one; null where the task is turned off. */
  models: Record<ModelTaskName, ModelConfig | null>;
  device: DeviceChoice;
  localModelPath: string | undefined;
  /** The models that were put into the image when it was built; never written at run time. */
  modelImageDir: string | undefined;
  modelCacheDir: string;
  /** Where downloads go when the cache can't be written; gone with the machine. */
  spareModelCacheDir: string;
  modelCacheBytes: number;
  hubEndpoint: string;
  offline: boolean;
  hubToken: string | undefined;
  /** The dataset that jobs are archived in; it takes a token. */
  hubDataset: string | undefined;
  /** Between two pushes to it, in milliseconds. */
  archiveEveryMs: number;
  /** Which services run; undefined: those that are not turned off. */
  services: string[] | undefined;
  workerChildren: number;
  cores: number;
  /** Bytes of memory that may be used. */
  memory: number;
}

export const defaultPort = 7860;

/** Some variables are wrong. The message names each with what it must be, never with its value: it may be a secret. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Parses the environment once; call it in main.ts and pass the result on. Throws a ConfigError naming every bad variable,
 * but for those that a Space's platform sets.
 */
export function loadConfig(environment: Record<string, string | undefined> = process.env): Config {
  let parsed = envSchema.safeParse(environment);
  const bad = parsed.error?.issues.map(({ path }) => String(path[0])) ?? [];
  const left = environment.SPACE_ID ? leftOut(bad) : [];
  if (left.length > 0)
    parsed = envSchema.safeParse({ ...environment, ...Object.fromEntries(left.map((name) => [name, undefined])) });
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new ConfigError(`bad configuration: ${faults.join('; ')}`);
  }
  return fromEnv(parsed.data, left);
}

function fromEnv(env: Env, left: string[]): Config {
  const port = env.PORT ?? defaultPort;
  const cores = env.CPU_CORES ?? usableCores();
  const onSpace = env.SPACE_ID !== undefined;
  const memory = Math.min(usableMemory(), (onSpace && env.MEMORY) || Infinity);
  const redisMaxBytes = Math.round(Math.min(2 * 1024 ** 3, memory / 4));
  const runDir = path.join(tmpdir(), `slipway-${userInfo().uid}-${port}`);
  const redisSocket = path.join(runDir, 'redis.sock');
  const modelImageDir = env.MODEL_IMAGE_DIR === undefined ? undefined : path.resolve(env.MODEL_IMAGE_DIR);
  return {
    port,
    logLevel: env.LOG_LEVEL ?? 'info',
    engine: env.ENGINE ?? 'auto',
    maxBodyBytes: env.MAX_BODY_BYTES ?? 16 * 1024 ** 2,
    jobTtlSeconds: env.JOB_TTL ?? 7 * 86_400,
    maxQueueDepth: env.MAX_QUEUE_DEPTH ?? 1_000,
    maxQueueBytes: env.MAX_QUEUE_BYTES ?? Math.round(redisMaxBytes * 0.75),
    apiKeys: env.API_KEYS,
    allowedOrigins: env.ALLOWED_ORIGINS ?? [],
    rateLimit: env.RATE_LIMIT === undefined ? { requests: 120, seconds: 60 } : env.RATE_LIMIT,
    operator: operatorConfig(env),
    webhookSecrets: env.WEBHOOK_SECRETS,
    onSpace,
    leftOut: left,
    webhookAllowedHosts: env.WEBHOOK_ALLOWED_HOSTS ?? [],
    redisUrl: env.REDIS_URL ?? `unix://${redisSocket}`,
    redisIsOurs: env.REDIS_URL === undefined,
    runDir,
    redisSocket,
    gatewaySocket: path.join(runDir, 'gateway.sock'),
    signInFile: path.join(runDir, 'sign-in'),
    dataDir: env.DATA_DIR === undefined ? undefined : path.resolve(env.DATA_DIR),
    dataKind: env.DATA_KIND ?? 'auto',
    hfHomeIsSet: env.HF_HOME !== undefined,
    models: modelConfigs(env, bakedModels(modelImageDir)),
    device: env.DEVICE ?? 'auto',
    localModelPath: env.LOCAL_MODEL_PATH === undefined ? undefined : path.resolve(env.LOCAL_MODEL_PATH),
    modelImageDir,
    modelCacheDir: path.join(env.HF_HOME ?? path.join(homedir(), '.cache', 'huggingface'), 'slipway'),
    spareModelCacheDir: path.join(runDir, 'models'),
    hubEndpoint: hubEndpointOf(env.HF_ENDPOINT),
    hubToken: env.HF_TOKEN,
    hubDataset: env.HF_DATASET_REPO,
    archiveEveryMs: (env.ARCHIVE_EVERY ?? 300) * 1_000,
    offline: env.HF_HUB_OFFLINE === '1',
    modelCacheBytes: env.MODEL_CACHE_MAX_BYTES ?? 20 * 1024 ** 3,
    services: env.SERVICES,
    workerChildren: env.WORKER_CHILDREN ?? childrenFor(cores, memory),
    cores,
    memory,
    redisMaxBytes,
  };
}

function bakedModels(dir: string | undefined): ModelConfig[] {
  try {
    return dir === undefined ? [] : readBakedModels(dir);
  } catch {
    throw new ConfigError('bad configuration: MODEL_IMAGE_DIR must hold the baked.json that the build wrote');
  }
}

export function hubEndpointOf(url = 'https://huggingface.co'): string {
  return url.replace(/\/+$/, '');
}

/**
 * One process a core, one thread each: on 2 cores that gave 51–57 tokens/s where one process gave 33–37, whatever its
 * threads (docs/decisions/0003). Each holds its own copies of the models, so memory may allow fewer.
 */
function childrenFor(cores: number, memory: number): number {
  return Math.max(1, Math.min(cores, Math.floor(memory / 2 / bytesPerChild)));
}

/** A process with a model of 360M parameters at 4 bits, or of 135M at 32, takes about this after its first job. */
const bytesPerChild = 1.5 * 1024 ** 3;
