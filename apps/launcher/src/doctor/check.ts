/** One line of what the doctor says. */
export interface Check {
  name: string;
  /** `fail`: the house can't work so. `warn`: it works, and somebody may be surprised. */
  state: 'ok' | 'warn' | 'fail';
  detail: string;
  /** What to do. */
  advice?: string;
}

export const ok = (name: string, detail: string): Check => ({ name, state: 'ok', detail });
export const warn = (name: string, detail: string, advice: string): Check => ({ name, state: 'warn', detail, advice });
export const fail = (name: string, detail: string, advice: string): Check => ({ name, state: 'fail', detail, advice });

export const inGiB = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
export const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
