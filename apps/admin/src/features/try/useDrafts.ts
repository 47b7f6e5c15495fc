import { type TaskName, taskNames } from '@slipway/contract/tasks';
import { useEffect, useState } from 'react';
import type { Draft } from './forms/form.ts';

type Drafts = Record<TaskName, Draft>;

const keyOf = (task: TaskName) => `slipway.try.${task}`;
/** Pause in typing, in milliseconds, after which drafts are stored. */
const quietMs = 300;

/** What stands in each task's form, kept for this tab over a reload. Where a browser allows no storage it lives in the page. */
export function useDrafts(): [Drafts, (task: TaskName, change: Partial<Draft>) => void] {
  const [drafts, setDrafts] = useState(readAll);
  useEffect(() => {
    const timer = window.setTimeout(() => writeAll(drafts), quietMs);
    const leave = () => writeAll(drafts);
    window.addEventListener('pagehide', leave);
    return () => {
      window.clearTimeout(timer);
      window.removeEventListener('pagehide', leave);
    };
  }, [drafts]);
  const change = (task: TaskName, part: Partial<Draft>) =>
    setDrafts((all) => ({ ...all, [task]: { ...all[task], ...part } }));
  return [drafts, change];
}

const readAll = () => Object.fromEntries(taskNames.map((task) => [task, read(task)])) as Drafts;

function read(task: TaskName): Draft {
  try {
    const { input = {}, options = {} } = JSON.parse(window.sessionStorage.getItem(keyOf(task)) ?? '{}');
    return { input, options, file: null };
  } catch {
    return { input: {}, options: {}, file: null };
  }
}

function writeAll(drafts: Drafts): void {
  for (const task of taskNames) {
    const { input, options } = drafts[task];
    try {
      window.sessionStorage.setItem(keyOf(task), JSON.stringify({ input, options }));
    } catch {
      // storage is closed to framed pages in some browsers, and full for very long texts
    }
  }
}
