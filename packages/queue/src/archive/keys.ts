/** The field of a job's hash that says in which file of the archive it is. */
export const archivedField = 'slipway:archived';

/**
 * The field that says of a restored job when the attempt began that was lost. It counts until a worker takes the job: a
 * container that is killed before that has still lost it by this job, as far as anybody knows.
 */
export const lostField = 'slipway:lost';

/** By task and way of ending: up to which `finishedOn` jobs have been archived. */
export const cursorsKey = (prefix: string) => `${prefix}:slipway:archive:cursors`;

/** `<id> <file>` of erased jobs of which the archive has yet to hear, by the time of it in milliseconds since 1970. */
export const erasedKey = (prefix: string) => `${prefix}:slipway:archive:erased`;

/** A hash: see ArchiveState. */
export const stateKey = (prefix: string) => `${prefix}:slipway:archive:state`;
