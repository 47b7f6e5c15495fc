import type { Command } from 'commander';
import { exitCodes } from './failure.ts';
import type { Work } from './task-commands.ts';
import { oneLine, table } from './words.ts';

/** What the service can do. */
export function addCatalogueCommands(program: Command, work: Work): void {
  const tasks = program.command('tasks').description('List what can be asked for here, and what does it now');
  tasks.action(() =>
    work(tasks, async ({ client, reading, print }) => {
      const found = await client.tasks(reading);
      print({ tasks: found }, () =>
        table(found.map(({ name, title, status }) => [name, status?.engine ?? 'nothing now', oneLine(title)])),
      );
      return exitCodes.succeeded;
    }),
  );

  const models = program.command('models').description('List the models, and whether they are ready');
  models.action(() =>
    work(models, async ({ client, reading, print }) => {
      const found = await client.models(reading);
      print({ models: found }, () =>
        table(
          found.map(({ task, id, state, device, reason }) => [task, id, state ?? '?', device ?? '?', oneLine(reason)]),
        ),
      );
      return exitCodes.succeeded;
    }),
  );
}
