import { type CommitOperation, commit, createRepo, datasetInfo, downloadFile, listFiles } from '@huggingface/hub';
import { HubFault, toHubFault } from './hub-fault.ts';

export interface HubOptions {
  endpoint: string;
  token: string;
  /** `<owner>/<name>` of the dataset. */
  dataset: string;
  /** Longest time of one request, its body with it, in milliseconds. */
  requestMs?: number;
  /** Cuts off every request, also one that is under way. */
  signal?: AbortSignal;
}

export interface Dataset {
  /** Undefined where it can't be told. */
  commit: string | undefined;
  /** It was not there, and we have made it. */
  isNew: boolean;
}

export interface HubFile {
  /** In bytes. */
  size: number;
  /** Another one for each content. */
  oid: string;
}

export interface HubChange {
  /** What the files are to hold, by their paths. */
  put: Map<string, string>;
  remove: string[];
}

/** A dataset repository as a place for files. Everything throws a HubFault and nothing else. */
export interface Hub {
  /** Makes the dataset, private, where there is none. Throws where it is public: jobs hold what people wrote. */
  prepare(): Promise<Dataset>;
  /** The files by path. */
  list(): Promise<Map<string, HubFile>>;
  /** Undefined where there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** All of it in one commit; gives its id. */
  commit(title: string, change: HubChange): Promise<string | undefined>;
}

export function openHub({ endpoint, token, dataset, requestMs = 60_000, signal: ours }: HubOptions): Hub {
  const repo = { type: 'dataset', name: dataset } as const;

  /** Runs a call of the library with a time limit a request, and with the headers of the answer that it failed by. */
  async function call<T>(run: (given: typeof common & { fetch: typeof fetch }) => Promise<T>): Promise<T> {
    let headers: Headers | undefined;
    const watched: typeof fetch = async (input, init) => {
      const limit = AbortSignal.timeout(requestMs);
      const signal = AbortSignal.any([limit, init?.signal, ours].filter((each) => each != null));
      const response = await fetch(input, { ...init, signal });
      if (!response.ok) headers = response.headers;
      return response;
    };
    try {
      return await run({ ...common, fetch: watched });
    } catch (error) {
      throw toHubFault(error, headers);
    }
  }
  const common = { accessToken: token, hubUrl: endpoint };

  return {
    async prepare() {
      const info = await call((given) => datasetInfo({ ...given, name: dataset, additionalFields: ['sha'] })).catch(
        (fault: HubFault) => {
          // the Hub answers 401 for what is not there, and for a token that is none: making it tells which
          if (fault.status === 404 || fault.status === 401) return undefined;
          throw fault;
        },
      );
      if (info && !info.private) throw new HubFault('the dataset is public; jobs go only to a private one', 403);
      if (info) return { commit: info.sha, isNew: false };
      const isNew = await call((given) => createRepo({ ...given, repo, visibility: 'private' })).then(
        () => true,
        (fault: HubFault) => {
          if (fault.status !== 409) throw fault; // it has come into being meanwhile
          return false;
        },
      );
      return { commit: undefined, isNew };
    },
    list: () =>
      call(async (given) => {
        const files = new Map<string, HubFile>();
        for await (const { type, path, size, oid = '' } of listFiles({ ...given, repo, recursive: true }))
          if (type === 'file') files.set(path, { size, oid });
        return files;
      }),
    read: (path) =>
      call(async (given) => {
        const blob = await downloadFile({ ...given, repo, path, xet: false });
        return blob?.text();
      }),
    async commit(title, { put, remove }) {
      const operations: CommitOperation[] = [...put].map(([path, text]) => ({
        operation: 'addOrUpdate',
        path,
        content: new Blob([text]),
      }));
      for (const path of remove) operations.push({ operation: 'delete', path });
      // the files are small: the plain upload is one request where the Hub's own protocol needs several
      const done = await call((given) => commit({ ...given, repo, title, operations, useXet: false }));
      return done?.commit.oid;
    },
  };
}
