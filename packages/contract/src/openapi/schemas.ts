import { z } from 'zod';
import { adminStateSchema, operatorIdentitySchema, queueCountsSchema } from '../admin.ts';
import { modelInfoSchema, modelListSchema, taskInfoSchema, taskListSchema } from '../catalogue.ts';
import { engineStatusSchema, modelStatusSchema } from '../engines.ts';
import { doneEventSchema, jobEventSchema } from '../events.ts';
import { jobListSchema, listedJobSchema } from '../job-list.ts';
import { estimateSchema, jobSchema, metricsSchema, progressSchema } from '../jobs.ts';
import { faultSchema, jobErrorSchema, problemSchema } from '../problems.ts';
import { partSchema, readinessSchema, workerStatusSchema } from '../readiness.ts';
import { batchSchema, retrySchema, submitSchema } from '../submission.ts';
import type { TaskDefinition, Upload } from '../task.ts';
import { tasks } from '../tasks.ts';
import { deliveryListSchema, deliverySchema, webhookPayloadSchema, webhookSchema } from '../webhooks.ts';

/** A JSON Schema 2020-12, as far as we write and read it. */
export interface Schema {
  [key: string]: unknown;
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  description?: string;
  examples?: unknown[];
}

const at = (name: string) => `#/components/schemas/${name}`;
export const ref = (name: string): Schema => ({ $ref: at(name) });

/** Stands for `Job`, which is a choice by task. */
const anyJob = z.unknown();

/** Every schema of the API by its name, each written once and referred to by the others. */
export function componentSchemas(definitions: Record<string, TaskDefinition> = tasks): Record<string, Schema> {
  const all = Object.values(definitions);
  const named: Record<string, z.ZodType> = {
    ...Object.assign({}, ...all.map(schemasOf)),
    JobFields: jobSchema,
    Job: anyJob,
    Batch: batchSchema,
    BatchAnswer: z.object({
      jobs: z.array(z.union([z.object({ job: anyJob }), z.object({ problem: problemSchema })])),
    }),
    Retry: retrySchema,
    JobList: jobListSchema,
    ListedJob: listedJobSchema,
    Estimate: estimateSchema,
    Webhook: webhookSchema,
    WebhookPayload: webhookPayloadSchema.extend({ data: anyJob }),
    DeliveryList: deliveryListSchema,
    Delivery: deliverySchema,
    Progress: progressSchema,
    Metrics: metricsSchema,
    JobError: jobErrorSchema,
    JobEvent: z.discriminatedUnion('type', [...jobEventSchema.options, doneEventSchema.extend({ job: anyJob })]),
    Problem: problemSchema,
    Fault: faultSchema,
    TaskList: taskListSchema,
    TaskInfo: taskInfoSchema,
    ModelList: modelListSchema,
    ModelInfo: modelInfoSchema,
    Readiness: readinessSchema,
    Part: partSchema,
    EngineStatus: engineStatusSchema,
    ModelStatus: modelStatusSchema,
    AdminState: adminStateSchema,
    OperatorIdentity: operatorIdentitySchema,
    QueueCounts: queueCountsSchema,
    WorkerStatus: workerStatusSchema,
    Health: z.object({ status: z.literal('ok') }),
  };
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: at, io: 'input' });
  const generated = Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [name, schema as Schema]);
  return { ...Object.fromEntries(generated), ...choicesOf(all) };
}

/** The schemas of one task: what is submitted, and the job with its output. */
function schemasOf(task: TaskDefinition): Record<string, z.ZodType> {
  const name = pascalCase(task.name);
  const [input, options, output] = [own(task.input), own(task.options), own(task.output)];
  const form = { ...submitSchema.shape, task: z.literal(task.name), options: options.optional() };
  const { input: _fromFile, ...upload } = form;
  return {
    [`${name}Input`]: input,
    [`${name}Options`]: options,
    [`${name}Output`]: output,
    [`${name}Submission`]: z.strictObject({ ...form, input }),
    ...(task.upload && { [`${name}Upload`]: z.strictObject({ ...upload, file: fileSchema(task.upload) }) }),
    // open objects, so that the two can be put together
    [`${name}Job`]: z.intersection(
      jobSchema,
      z.object({ task: z.literal(task.name), output: output.describe('There once the job has succeeded.').optional() }),
    ),
  };
}

/** What differs by task. Not from zod, which has no discriminator for OpenAPI. */
function choicesOf(all: TaskDefinition[]): Record<string, Schema> {
  return {
    Submission: byTask(all, 'Submission'),
    Upload: byTask(
      all.filter(({ upload }) => upload),
      'Upload',
    ),
    Job: byTask(all, 'Job'),
    // any: the outputs of two tasks may look the same
    Output: { anyOf: all.map((task) => ref(`${pascalCase(task.name)}Output`)) },
  };
}

function byTask(all: TaskDefinition[], suffix: string): Schema {
  const pairs = all.map(({ name }) => [name, at(pascalCase(name) + suffix)] as const);
  const mapping = Object.fromEntries(pairs);
  return { oneOf: pairs.map(([, $ref]) => ({ $ref })), discriminator: { propertyName: 'task', mapping } };
}

/** A copy, because the registry knows a schema by its identity and two tasks may share one. */
const own = (schema: z.ZodType) => schema.meta({ ...schema.meta() });

const fileKinds: Record<Upload['kind'], string> = {
  document: 'A document: plain text, Markdown, HTML, PDF or Word (.docx). Its text becomes the input.',
  image: 'An image: PNG, JPEG, WebP, GIF or AVIF.',
};

const fileSchema = ({ kind }: Upload) =>
  z.unknown().meta({
    type: 'string',
    format: 'binary',
    contentMediaType: 'application/octet-stream',
    description: fileKinds[kind],
  });

/** `classify-text` → `ClassifyText` */
const pascalCase = (name: string) =>
  name.replace(/(^|-)([a-z0-9])/g, (_, _dash, letter: string) => letter.toUpperCase());
