import { Button, Group } from '@mantine/core';
import { type TaskName, taskNames } from '@slipway/contract/tasks';
import type { MouseEvent } from 'react';
import { inWords } from '../../ui/inWords.ts';
import { addressOf } from './address.ts';
import type { Entry } from './useAddress.ts';

interface TaskLinksProps {
  current: TaskName;
  isOff: (task: TaskName) => boolean;
  /** Where a task was left, or its empty form. */
  entryOf: (task: TaskName) => Entry;
  onGo: (entry: Entry) => void;
}

/** The catalogue as links, those that are off here included: behind them stands why. */
export function TaskLinks({ current, isOff, entryOf, onGo }: TaskLinksProps) {
  const go = (event: MouseEvent, entry: Entry) => {
    // with a key held it opens elsewhere
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onGo(entry);
  };
  return (
    <Group component="nav" aria-label="Tasks" gap="xs">
      {taskNames.map((task) => {
        const entry = entryOf(task);
        return (
          <Button
            key={task}
            component="a"
            href={addressOf(entry)}
            onClick={(event: MouseEvent) => go(event, entry)}
            variant={task === current ? 'filled' : 'default'}
            aria-current={task === current ? 'page' : undefined}
            c={isOff(task) && task !== current ? 'dimmed' : undefined}
            size="sm"
          >
            {inWords(task)}
            {isOff(task) && ' (off)'}
          </Button>
        );
      })}
    </Group>
  );
}
