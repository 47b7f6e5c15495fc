/** The field of a job's hash that says in which file of the archive it is. */
export const archivedField = 'slipway:archived';

/** By task and way of ending: up to which `finishedOn` jobs have been archived. */
export const cursorsKey = (prefix: string) => `${prefix}:slipway:archive:cursors`;

/** Ids of erased jobs of which the archive has yet to hear, by the time of it in milliseconds since 1970. */
export const erasedKey = (prefix: string) => `${prefix}:slipway:archive:erased`;

/** There once this Redis holds what the archive holds. */
export const restoredKey = (prefix: string) => `${prefix}:slipway:archive:restored`;
