/**
 * Ids of the jobs whose webhook is yet to be told of their end, by the time of submission. A job enters it in the
 * transaction that submits it, and leaves it once the delivery of its end is in the delivery queue (see announce.ts).
 */
export const outboxKey = (prefix: string) => `${prefix}:slipway:webhooks`;

/** Those of them whose `job.started` is in the delivery queue already. */
export const startedKey = (prefix: string) => `${prefix}:slipway:webhooks:started`;
