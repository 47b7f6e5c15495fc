/** Milliseconds before the next start of a process that fell `falls` times in a row: at once, then doubling to 10 s. */
export const restartDelayMs = (falls: number) => (falls <= 1 ? 0 : Math.min(250 * 2 ** (falls - 2), 10_000));

/** A process that lived this long fell for another reason than the last one: counting starts anew. */
export const steadyMs = 10_000;
