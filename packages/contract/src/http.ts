/** Paths, headers and limits of the HTTP surface, for the gateway that serves it and the client that calls it. */
export const apiPath = '/api/v1';
export const jobsPath = `${apiPath}/jobs`;
export const jobPath = (id: string) => `${jobsPath}/${encodeURIComponent(id)}`;
export const jobEventsPath = (id: string) => `${jobPath(id)}/events`;
export const jobResultPath = (id: string) => `${jobPath(id)}/result`;
export const jobCancelPath = (id: string) => `${jobPath(id)}/cancel`;

export const problemType = 'application/problem+json';
export const requestIdHeader = 'X-Request-Id';
