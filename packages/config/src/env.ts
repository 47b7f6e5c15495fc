import { deviceChoiceSchema, dtypeSchema, engineChoiceSchema, modelIdSchema } from '@slipway/contract/engines';
import { webhookSecretPattern } from '@slipway/contract/webhooks';
import { z } from 'zod';
import { parseApiKeys, parseList, parseOrigins, parseRateLimit } from './access.ts';
import { operatorVariables } from './operator.ts';
import { platform } from './platform.ts';

/** Every variable that an operator may set, once, with its default. An empty value counts as not set. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const count = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be from ${min} to ${max}`);

const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

/** Unlike elsewhere, an empty value says something here. */
const modelOrOff = modelIdSchema.or(z.literal('')).optional();
const dtype = oneOf(dtypeSchema.options);
const revision = optional(z.string().regex(/^(?!.*\.\.)\w[\w./-]*$/, 'must be a branch, tag or commit'));

const hostName = /^[\w.-]+(:\d{1,5})?$|^\[[0-9a-f:]+\](:\d{1,5})?$/i;

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const envSchema = z.object({
  /** The one port that the house answers on. */
  PORT: optional(count(1, 65535)),
  /** Folder for what must outlive a restart: Redis' data. */
  DATA_DIR: optional(z.string()),
  /** What that folder is, where it is not told right: a disk, or a bucket (a volume over the network). */
  DATA_KIND: optional(oneOf(['auto', 'disk', 'bucket'])),
  /** An external Redis or Valkey; unset: a redis-server of our own on a Unix socket. */
  REDIS_URL: optional(z.string().regex(/^(rediss?|unix):\/\//, 'must begin with redis://, rediss:// or unix://')),
  /** Which engine answers jobs that do not name one. */
  ENGINE: optional(oneOf(engineChoiceSchema.options)),
  /** The models, <org>/<name>, one a task; an empty value turns the task off. */
  SUMMARIZE_MODEL: modelOrOff,
  SUMMARIZE_MODEL_REVISION: revision,
  SUMMARIZE_MODEL_DTYPE: optional(dtype),
  /** SUMMARIZE_MODEL under the name that most templates use; SUMMARIZE_MODEL wins. */
  MODEL_NAME: optional(modelIdSchema),
  CLASSIFY_TEXT_MODEL: modelOrOff,
  CLASSIFY_TEXT_MODEL_REVISION: revision,
  CLASSIFY_TEXT_MODEL_DTYPE: optional(dtype),
  CLASSIFY_IMAGE_MODEL: modelOrOff,
  CLASSIFY_IMAGE_MODEL_REVISION: revision,
  CLASSIFY_IMAGE_MODEL_DTYPE: optional(dtype),
  CHAT_MODEL: modelOrOff,
  CHAT_MODEL_REVISION: revision,
  CHAT_MODEL_DTYPE: optional(dtype),
  /** Where models run. */
  DEVICE: optional(oneOf(deviceChoiceSchema.options)),
  /** A folder with models at <org>/<name>, looked in before the cache and the hub. */
  LOCAL_MODEL_PATH: optional(z.string()),
  /** A folder with models in the cache's layout that was filled when the image was built; the image sets it. */
  MODEL_IMAGE_DIR: optional(z.string()),
  /** Where downloaded models are kept; the Hub's own tools use the same variable. */
  HF_HOME: optional(z.string()),
  /** Access token for private or gated models. */
  HF_TOKEN: optional(z.string().regex(/^\S+$/, 'must have no blanks or line breaks')),
  /** Another hub that speaks the same protocol: a mirror or a proxy. */
  HF_ENDPOINT: optional(
    z
      .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
      // it is shown to whoever asks why a model is missing
      .refine((url) => !/^[a-z]+:\/\/[^/]*@/i.test(url), 'must not hold a user name or password; use HF_TOKEN'),
  ),
  /** A private dataset on the hub, <owner>/<name>, that keeps jobs beyond the container; HF_TOKEN must be able to write it. */
  HF_DATASET_REPO: optional(
    z.string().regex(/^(?!.*(--|\.\.))[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/, 'must be <owner>/<name>'),
  ),
  /** Seconds between two pushes to it. */
  ARCHIVE_EVERY: optional(count(1, 86_400)),
  /** 1: no hub is asked; models come from LOCAL_MODEL_PATH or the cache. The Hub's own tools use the same variable. */
  HF_HUB_OFFLINE: optional(oneOf(['0', '1'])),
  /** Downloaded models take at most this much, in bytes; those not used for longest go first. */
  MODEL_CACHE_MAX_BYTES: optional(count(1, 2 ** 50)),
  /** Largest request body, in bytes. */
  MAX_BODY_BYTES: optional(count(1024, 1024 ** 3)),
  /** How long a finished job can be read, in seconds. */
  JOB_TTL: optional(count(60, 365 * 86_400)),
  /** Jobs that may wait or run at once; more are refused with 429. */
  MAX_QUEUE_DEPTH: optional(count(1, 1_000_000)),
  /** Redis may hold this many bytes before new jobs are refused with 429; well below what it is allowed. */
  MAX_QUEUE_BYTES: optional(count(1024 ** 2, 2 ** 50)),
  /** Who may use the API: name:key or name:sha256:<hash in hex>, comma-separated. Unset: everybody. */
  API_KEYS: optional(z.string().transform(parseApiKeys)),
  /** Whose pages may use the API besides our own: origins, comma-separated, or * for all. */
  ALLOWED_ORIGINS: optional(z.string().transform(parseOrigins)),
  /** Submissions that a key, or an address where there are no keys, may make: 60/1m, 1000/1h, or off. */
  RATE_LIMIT: optional(z.string().transform(parseRateLimit)),
  /** Makes an operator of whoever knows it. */
  ADMIN_PASSWORD: optional(operatorVariables.password()),
  /** Makes a viewer: sees the instance, but no texts, and changes nothing. */
  ADMIN_VIEWER_PASSWORD: optional(operatorVariables.password()),
  /** Names on the Hub that are operators besides who made the Space, that are viewers, and organisations. */
  ADMIN_USERS: optional(operatorVariables.names()),
  ADMIN_VIEWERS: optional(operatorVariables.names()),
  ADMIN_ORGS: optional(operatorVariables.names()),
  /** Sign-in with the Hub: the platform sets these on a Space with hf_oauth. */
  OAUTH_CLIENT_ID: optional(operatorVariables.opaque()),
  OAUTH_CLIENT_SECRET: optional(operatorVariables.opaque()),
  OAUTH_SCOPES: optional(operatorVariables.scopes()),
  OPENID_PROVIDER_URL: optional(operatorVariables.provider()),
  /** What signs webhooks: whsec_ and base64, comma-separated; the first is the newest. */
  WEBHOOK_SECRETS: optional(
    z
      .string()
      .transform((text, context) => parseList(text, context, webhookSecretPattern, 'must be whsec_ and base64')),
  ),
  /** Hosts in private networks that webhooks may go to, comma-separated. */
  WEBHOOK_ALLOWED_HOSTS: optional(
    z.string().transform((text, context) => parseList(text, context, hostName, 'must be host names')),
  ),
  /** Which folders of services/ run: names, comma-separated. Or off. Unset: those that are not turned off. */
  SERVICES: optional(
    z
      .string()
      .transform((text, context) =>
        text === 'off' ? [] : parseList(text, context, /^[a-z][a-z0-9-]*$/, 'must be names'),
      ),
  ),
  /** How many inference processes the worker keeps; each loads its own copy of the model. */
  WORKER_CHILDREN: optional(count(1, 256)),
  /** The platform sets it on a Space: its proxy then stands before ours. */
  SPACE_ID: optional(z.string()), // whatever it says: on a Space more is closed
  /** Hosts of the Space, the first is the one for sign-in; the platform sets it. */
  SPACE_HOST: optional(operatorVariables.hosts()),
  /** The Hub's id of who made the Space; the platform sets it. */
  SPACE_CREATOR_USER_ID: optional(operatorVariables.opaque()),
  /** Cores that the house may use; the platform sets it. Default: what the machine or its cgroup allows. */
  CPU_CORES: optional(platform.cores()),
  /** Memory that the house may use, as 15Gi; read on a Space alone, whose platform sets it. Else what the cgroup allows. */
  MEMORY: optional(platform.memory()),
  LOG_LEVEL: optional(oneOf(logLevels)),
});

export type Env = z.infer<typeof envSchema>;
