import { execFileSync } from 'node:child_process';

/** Above it the Hub takes a file only through LFS (https://huggingface.co/docs/hub/repositories-getting-started). */
const largest = 10 * 1024 ** 2;

/** Bytes: a file with a NUL among its first ones is binary to git (buffer_is_binary in its xdiff-interface.c). */
const looked = 8000;

/**
 * The files of a commit or tree for which the Hub would refuse a push, each with the reason; none where all is well. A
 * file in LFS is a short text here, which names the content. What is binary is judged by the content, as git does where
 * .gitattributes does not say. (The Hub has been seen to let some small images pass; which, is not documented.)
 */
export function refusedFiles(folder: string, tree: string): string[] {
  const git = (args: string[], input?: string) =>
    execFileSync('git', args, { cwd: folder, maxBuffer: Infinity, stdio: 'pipe', input });
  // <mode> <type> <object> <size>\t<path>
  const lines = git(['ls-tree', '-r', '-l', '-z', tree]).toString().split('\0').filter(Boolean);
  const blobs = lines.flatMap((line) => {
    const [, object = '', size, path] = /^\d+ blob (\w+) +(\d+)\t(.*)$/s.exec(line) ?? [];
    return path === undefined ? [] : [{ object, bytes: Number(size), path }]; // a submodule is no blob
  });
  const large = blobs.filter(({ bytes }) => bytes > largest);
  const others = blobs.filter(({ bytes }) => bytes <= largest);
  // of each: <object> blob <size>\n<content>\n
  const contents = git(['cat-file', '--batch'], others.map(({ object }) => `${object}\n`).join(''));
  let at = 0;
  const binary = others.filter(({ bytes }) => {
    const start = contents.indexOf('\n', at) + 1;
    at = start + bytes + 1;
    return contents.subarray(start, start + Math.min(bytes, looked)).includes(0);
  });
  return [
    ...large.map(({ path, bytes }) => `${path}: ${Math.ceil(bytes / 1024 ** 2)} MB, more than 10`),
    ...binary.map(({ path }) => `${path}: binary`),
  ];
}
