import { readFileSync } from 'node:fs';

export function readIfThere(name: string): string | undefined {
  try {
    return readFileSync(name, 'utf8');
  } catch {
    return undefined;
  }
}
