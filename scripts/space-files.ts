import { execFileSync } from 'node:child_process';

/** Above it the Hub takes a file only through LFS (https://huggingface.co/docs/hub/repositories-getting-started). */
const largest = 10 * 1024 ** 2;

/** git's name for a tree without files. */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/**
 * The files of a commit or tree for which the Hub would refuse a push, each with the reason; none where all is well. A
 * file in LFS is a short text here, which names the content. What is binary is what git takes for it. (The Hub has been
 * seen to let some small images pass; which, is not documented.)
 */
export function refusedFiles(folder: string, tree: string): string[] {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', maxBuffer: 256 * 1024 ** 2, stdio: 'pipe' });
  // <mode> <type> <object> <size>\t<path>
  const large = entries(git('ls-tree', '-r', '-l', '-z', tree)).flatMap((line) => {
    const [facts = '', path] = line.split('\t');
    const bytes = Number(facts.trim().split(/\s+/)[3]);
    return bytes > largest ? [`${path}: ${Math.ceil(bytes / 1024 ** 2)} MB, more than 10`] : [];
  });
  // -\t-\t<path> for a binary file
  const compared = git('diff-tree', '-r', '-z', '--numstat', '--no-renames', '--no-textconv', emptyTree, tree);
  const binary = entries(compared).flatMap((line) => /^-\t-\t(.*)$/s.exec(line)?.slice(1) ?? []);
  return [...large, ...binary.map((path) => `${path}: binary`)];
}

const entries = (text: string) => text.split('\0').filter((line) => line !== '');
