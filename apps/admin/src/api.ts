import { createClient } from '@slipway/client/client';
import type { Job } from '@slipway/contract/jobs';
import type { TaskName } from '@slipway/contract/tasks';

/** The page's one way to the service, which is the page's own origin. */
export const client = createClient({ baseUrl: window.location.origin });

/** Hands in what a form holds, good or bad: the service judges it by the task's schemas. */
export function submit<T extends TaskName>(
  task: T,
  { input, options, file }: { input: unknown; options: unknown; file: File | null },
): Promise<Job> {
  return file
    ? client.submitFile(task as never, file, options as never)
    : client.submit(task, input as never, options as never);
}
