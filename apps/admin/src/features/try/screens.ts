import type { TaskName } from '@slipway/contract/tasks';
import { ChatForm } from './chat/ChatForm.tsx';
import { exampleText } from './forms/example.ts';
import type { TaskForm } from './forms/form.ts';
import { LabelsOutput } from './outputs/LabelsOutput.tsx';
import type { OutputView } from './outputs/output.ts';
import { SummaryOutput } from './outputs/SummaryOutput.tsx';

/** What the page knows of a task beyond its definition. Everything may be left out. */
interface Screen<T extends TaskName> {
  /** In place of the form that its schemas make. */
  Form?: TaskForm;
  /** In place of the output as JSON; null where the form shows the output. */
  Output?: OutputView<T> | null;
  /** A text to try it with, in place of the one that its schema gives. */
  example?: string;
  /** Labels of the form's fields, in place of their names. */
  labels?: Record<string, string>;
}

/** The only place of the page that names tasks: one line for each that has something of its own. */
const screens: { [T in TaskName]?: Screen<T> } = {
  summarize: { Output: SummaryOutput, example: exampleText, labels: { text: 'Text to summarize' } },
  'classify-text': { Output: LabelsOutput, labels: { text: 'Text to classify' } },
  'classify-image': { Output: LabelsOutput, labels: { imageBase64: 'Image' } },
  chat: { Form: ChatForm, Output: null },
};

/** A task that is not known here has a screen all the same. */
export const screenOf = (task: TaskName): Screen<never> => screens[task] ?? {};
