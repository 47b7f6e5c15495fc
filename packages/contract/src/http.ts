/** Paths, headers and limits of the HTTP surface, for the gateway that serves it and the client that calls it. */
export const apiPath = '/api/v1';
/** For the operator, who has a session and no key. */
export const adminPath = `${apiPath}/admin`;
export const jobsPath = `${apiPath}/jobs`;
export const jobPath = (id: string) => `${jobsPath}/${encodeURIComponent(id)}`;
export const jobEventsPath = (id: string) => `${jobPath(id)}/events`;
export const jobResultPath = (id: string) => `${jobPath(id)}/result`;
export const jobRetryPath = (id: string) => `${jobPath(id)}/retry`;
export const jobDeliveriesPath = (id: string) => `${jobPath(id)}/deliveries`;
export const jobsBatchPath = `${jobsPath}/batch`;
export const jobCancelPath = (id: string) => `${jobPath(id)}/cancel`;

export const problemType = 'application/problem+json';
export const requestIdHeader = 'X-Request-Id';
export const idempotencyKeyHeader = 'Idempotency-Key';
/** Longest wait of `Prefer: wait=N` and `?wait=N`, in seconds: proxies on the way cut at 60. */
export const longestWaitSeconds = 55;
