import type { Upload } from '@slipway/contract/task';
import type { ComponentType } from 'react';
import { DocumentField } from './DocumentField.tsx';
import { ImageField } from './ImageField.tsx';

/** A field for which a file may stand. */
export interface UploadFieldProps {
  label: string;
  text: string;
  onText: (text: string) => void;
  file: File | null;
  onFile: (file: File | null) => void;
  /** What is wrong with it, as sentences. */
  fault: string | null;
  /** A text to try the task with. */
  example: string | undefined;
}

export const uploadFields: Record<Upload['kind'], ComponentType<UploadFieldProps>> = {
  document: DocumentField,
  image: ImageField,
};
