import { type Client, createClient } from '@slipway/client/client';
import type { Job } from '@slipway/contract/jobs';
import type { TaskName } from '@slipway/contract/tasks';
import { readApiKey, storeApiKey } from './apiKey.ts';

let client: Client | undefined;

/** The page's one way to the service, which is the page's own origin. */
export function service(): Client {
  client ??= createClient({ baseUrl: window.location.origin, apiKey: readApiKey() });
  return client;
}

/** Has every call from now on carry this key; the browser keeps it. */
export function changeApiKey(key: string): void {
  storeApiKey(key);
  client = createClient({ baseUrl: window.location.origin, apiKey: key });
}

/** Hands in what a form holds, good or bad: the service judges it by the task's schemas. */
export function submit<T extends TaskName>(
  task: T,
  { input, options, file }: { input: unknown; options: unknown; file: File | null },
): Promise<Job> {
  return file
    ? service().submitFile(task as never, file, options as never)
    : service().submit(task, input as never, options as never);
}
