import type { ModelRef } from './model.ts';
import { type Patience, pauseAfter } from './patience.ts';
import { adviceFor, HubUnreachableError, ModelUnavailableError } from './unavailable.ts';

/** How a hub is reached. */
export interface Hub {
  /** Without a slash at its end. */
  endpoint: string;
  token: string | undefined;
  patience: Patience;
  /** Called when it asks for a pause. */
  onPause: () => void;
}

/** A file on the hub, as far as the hub told before its content was fetched. */
export interface RemoteFile {
  path: string;
  size: number | undefined;
  /** Hex; known for large files only, which the hub keeps by their hash. */
  sha256: string | undefined;
  /** The commit that the revision stands for now. */
  commit: string | undefined;
}

/** The content of a file, or the rest of it. */
export interface OpenedFile {
  /** Of the content; to be read to its end, or cancelled. */
  reader: ReadableStreamDefaultReader<Uint8Array>;
  /** Where it begins: in bytes from the start of the file. */
  from: number;
  /** Names this content, quotes included; null where nothing does. */
  etag: string | null;
}

const sha256Pattern = /^[0-9a-f]{64}$/;
const commitPattern = /^[0-9a-f]{40}$/;
const mostRedirects = 5;

/**
 * Asks for a file's size and hash. Undefined: the hub has no such file. The first answer from the hub itself counts:
 * behind its redirect is a store that knows neither. Throws a ModelUnavailableError.
 */
export async function describeFile(
  hub: Hub,
  model: ModelRef,
  file: string,
  revision: string,
  signal: AbortSignal,
): Promise<RemoteFile | undefined> {
  let url = fileUrl(hub, model, file, revision);
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const answer = await ask(hub, model, url, { method: 'HEAD', redirect: 'manual', signal });
    if (answer.status === 404) return undefined;
    const next = locationOf(answer, url);
    const described = answer.headers.has('x-linked-size') || answer.headers.has('x-linked-etag');
    // the hub sends renamed models elsewhere on itself
    if (next !== undefined && !described && next.origin === url.origin) {
      url = next;
      continue;
    }
    if (next === undefined && !answer.ok) throw refusal(model, file, answer.status);
    return { path: file, ...sizeAndHash(answer, next !== undefined) };
  }
  throw new ModelUnavailableError(model, `the hub redirects ${file} in a circle`, adviceFor(model, 500));
}

/**
 * Begins to fetch a file's content from byte `from` on; redirects are followed. The hub may answer with the whole file
 * all the same: it does where the file is no longer the one that `etag` names. Throws a ModelUnavailableError.
 */
export async function openFile(
  hub: Hub,
  model: ModelRef,
  file: string,
  { revision, from, etag }: { revision: string; from: number; etag: string | null },
  signal: AbortSignal,
): Promise<OpenedFile> {
  const range = from > 0 ? { range: `bytes=${from}-`, ...(etag !== null && { 'if-range': etag }) } : undefined;
  const answer = await ask(hub, model, fileUrl(hub, model, file, revision), { signal, headers: range });
  const partly = answer.status === 206;
  if (range !== undefined && (answer.status === 416 || (partly && startOf(answer) !== from))) {
    await answer.body?.cancel();
    return openFile(hub, model, file, { revision, from: 0, etag: null }, signal);
  }
  if (answer.ok && answer.body !== null) {
    // locked at once: fetch ends a body that nobody reads yet, without an error, when its Response is garbage-collected
    return { reader: answer.body.getReader(), from: partly ? from : 0, etag: strongEtag(answer) };
  }
  await answer.body?.cancel();
  throw refusal(model, file, answer.status);
}

/** What fetch threw, as an error for people. */
export function networkFailure(hub: Hub, model: ModelRef, cause: unknown): HubUnreachableError {
  const what = `${new URL(hub.endpoint).host} can't be reached or broke off (${reasonOf(cause)})`;
  return new HubUnreachableError(model, what, 'set LOCAL_MODEL_PATH or HF_ENDPOINT', { cause });
}

function fileUrl(hub: Hub, { id }: ModelRef, file: string, revision: string): URL {
  return new URL(`${hub.endpoint}/${id}/resolve/${encodeURIComponent(revision)}/${file}`);
}

/** Asks again where a later answer may be another. */
async function ask(hub: Hub, model: ModelRef, url: URL, init: AskInit): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    const answer = await askOnce(hub, model, url, init);
    const pause = pauseAfter(answer, tries, hub.patience);
    if (pause === undefined) return answer;
    await answer.body?.cancel();
    hub.onPause();
    await hub.patience.sleep(pause, init.signal);
  }
}

interface AskInit {
  method?: string;
  redirect?: 'manual';
  headers?: Record<string, string> | undefined;
  signal: AbortSignal;
}

/** `url` is on the hub itself, so the token goes along: fetch drops it where a redirect leads elsewhere. */
async function askOnce(hub: Hub, model: ModelRef, url: URL, init: AskInit): Promise<Response> {
  // compressed answers would tell another size than the file's
  const headers: Record<string, string> = { 'accept-encoding': 'identity', ...init.headers };
  if (hub.token !== undefined) headers.authorization = `Bearer ${hub.token}`;
  try {
    return await fetch(url, { ...init, headers });
  } catch (error) {
    if (init.signal.aborted) throw init.signal.reason;
    throw networkFailure(hub, model, error);
  }
}

function refusal(model: ModelRef, file: string, status: number): ModelUnavailableError {
  return new ModelUnavailableError(model, `the hub answered ${status} for ${file}`, adviceFor(model, status));
}

function locationOf(answer: Response, url: URL): URL | undefined {
  const location = answer.headers.get('location');
  return answer.status >= 300 && answer.status < 400 && location !== null ? new URL(location, url) : undefined;
}

/** The length of a redirect's own body says nothing about the file. */
function sizeAndHash({ headers }: Response, redirected: boolean): Omit<RemoteFile, 'path'> {
  const length = redirected || headers.has('content-encoding') ? null : headers.get('content-length');
  const size = Number(headers.get('x-linked-size') ?? length ?? Number.NaN);
  const etag = (headers.get('x-linked-etag') ?? '').replaceAll(/^(W\/)?"|"$/g, '');
  const commit = headers.get('x-repo-commit') ?? '';
  return {
    size: Number.isInteger(size) ? size : undefined,
    sha256: sha256Pattern.test(etag) ? etag : undefined,
    commit: commitPattern.test(commit) ? commit : undefined,
  };
}

/** If-Range takes strong ones only (RFC 9110, 13.1.5). */
function strongEtag({ headers }: Response): string | null {
  const etag = headers.get('etag');
  return etag?.startsWith('"') ? etag : null;
}

function startOf({ headers }: Response): number {
  return Number(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
}

/** fetch says only "fetch failed"; what happened is in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  if (typeof code === 'string') return code;
  return cause instanceof Error ? cause.message : String(cause);
}
