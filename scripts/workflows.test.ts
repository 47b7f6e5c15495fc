/** What GitHub would only say once the workflows run there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, '.github/workflows');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  if?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}
interface Job {
  if?: string;
  'runs-on': string;
  'timeout-minutes': number;
  strategy?: { matrix: Record<string, string[]> };
  steps: Step[];
}
interface Workflow {
  name: string;
  on: Record<string, { workflows?: string[]; branches?: string[]; types?: string[] } | null>;
  permissions: Record<string, string>;
  concurrency: { group: string; 'cancel-in-progress': boolean };
  jobs: Record<string, Job>;
}

const names = readdirSync(folder);
const workflows = new Map<string, Workflow>(
  names.map((name) => [name.replace(/\.yml$/, ''), parse(readFileSync(path.join(folder, name), 'utf8'))]),
);
const get = (name: string): Workflow => workflows.get(name) as Workflow;
const stepsOf = (workflow: Workflow) => Object.values(workflow.jobs).flatMap(({ steps }) => steps);

test('there are two', () => {
  expect(names.sort()).toEqual(['check.yml', 'sync-to-space.yml']);
});

describe.each([...workflows])('%s', (name, workflow) => {
  test('has a name, may only read, ends in time, and does not run twice at once', () => {
    expect(workflow.name).toBe(name);
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(workflow.concurrency.group).toMatch(/\S/);
    for (const job of Object.values(workflow.jobs)) {
      expect(job['runs-on']).toMatch(/^ubuntu-\d\d\.04$/);
      expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
      expect(job).not.toHaveProperty('permissions');
    }
  });

  test('knows no key that GitHub does not', () => {
    expect(
      Object.keys(workflow).filter((key) => !['name', 'on', 'permissions', 'concurrency', 'jobs'].includes(key)),
    ).toEqual([]);
    const jobKeys = ['name', 'if', 'runs-on', 'timeout-minutes', 'strategy', 'steps'];
    const ofJobs = Object.values(workflow.jobs).flatMap((job) => Object.keys(job));
    expect(ofJobs.filter((key) => !jobKeys.includes(key))).toEqual([]);
    const ofSteps = stepsOf(workflow).flatMap((step) => Object.keys(step));
    expect(ofSteps.filter((key) => !['name', 'uses', 'run', 'if', 'with', 'env'].includes(key))).toEqual([]);
  });

  test('uses only actions of GitHub itself, pinned by commit, and leaves no credentials in the checkout', () => {
    const used = stepsOf(workflow).flatMap(({ uses }) => uses ?? []);
    for (const action of used) expect(action).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
    // one version of each, everywhere, with its name beside it
    const lines = names.flatMap((file) => readFileSync(path.join(folder, file), 'utf8').match(/uses: .*/g) ?? []);
    for (const line of lines) expect(line).toMatch(/ # v\d+\.\d+\.\d+$/);
    expect(new Set(lines).size).toBe(new Set(lines.map((line) => line.split('@')[0])).size);
    for (const { uses, with: options } of stepsOf(workflow))
      if (uses?.startsWith('actions/checkout@')) expect(options).toMatchObject({ 'persist-credentials': false });
  });

  test('runs what there is', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const commands = stepsOf(workflow).flatMap(({ run }) => run?.trim().split('\n') ?? []);
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      const [, script = command.startsWith('npm test') ? 'test' : undefined] = /^npm run (\S+)/.exec(command) ?? [];
      const [, file] = /^node (\S+)/.exec(command) ?? [];
      if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
      else if (file !== undefined) expect(existsSync(path.join(root, file)), file).toBe(true);
      else expect(command).toMatch(/^podman pull /);
    }
  });

  test('lets nothing that a stranger may write into a command', () => {
    for (const { run = '' } of stepsOf(workflow))
      for (const [, what] of run.matchAll(/\$\{\{(.*?)\}\}/g)) expect(what?.trim()).toBe('matrix.suite');
  });
});

test('check runs every suite that npm test has', () => {
  const [, suites = ''] = /const suites[^{]*\{\n(.*?)\n\};/s.exec(read('scripts/test.ts')) ?? [];
  const known = [...suites.matchAll(/^ {2}(\w+):/gm)].map(([, suite]) => suite);
  expect(known.length).toBeGreaterThan(3);
  expect(get('check').jobs.suite?.strategy?.matrix.suite).toEqual(known);
});

test('a check by hand does not end the one of a push, which leads to the Space', () => {
  const group = (github: object) =>
    get('check').concurrency.group.replaceAll(/\$\{\{(.*?)\}\}/g, (_, code) => runInNewContext(code, { github }));
  const push = { event_name: 'push', ref: 'refs/heads/main', event: { pull_request: {} } };
  expect(group(push)).toBe('check-push-refs/heads/main');
  expect(group({ ...push, event_name: 'workflow_dispatch' })).not.toBe(group(push));
  const ofPull = (number: number) =>
    group({ ...push, event_name: 'pull_request', event: { pull_request: { number } } });
  expect(ofPull(1)).not.toBe(ofPull(2));
});

test('check pulls the image that ours is built on', () => {
  const pulls = stepsOf(get('check')).flatMap(
    ({ run }) => /^podman pull --quiet docker\.io\/library\/(\S+)/.exec(run ?? '')?.[1] ?? [],
  );
  expect(pulls).toHaveLength(1);
  expect(read('Dockerfile')).toContain(String(pulls[0]));
});

describe('sync-to-space', () => {
  const job = get('sync-to-space').jobs.sync as Job;

  // a condition of GitHub's is JavaScript, as far as this one goes
  const runs = (github: object) => runInNewContext(job.if ?? 'true', { github });
  const after = (conclusion: string, event: string) =>
    runs({ event_name: 'workflow_run', event: { workflow_run: { conclusion, event } } });

  test('waits for the checks of a push to main, and runs by hand, on main alone', () => {
    expect(get('sync-to-space').on.workflow_run).toEqual({
      workflows: [get('check').name],
      types: ['completed'],
      branches: ['main'],
    });
    expect(get('check').on.push?.branches).toContain('main');
    expect(after('success', 'push')).toBe(true);
    expect(after('failure', 'push')).toBe(false);
    expect(after('cancelled', 'push')).toBe(false);
    expect(after('success', 'pull_request')).toBe(false);
    const byHand = (ref: string) => runs({ event_name: 'workflow_dispatch', ref, event: { workflow_run: {} } });
    expect(byHand('refs/heads/main')).toBe(true);
    expect(byHand('refs/heads/other')).toBe(false);
  });

  test('pushes what was checked, with its whole history', () => {
    const [checkout] = job.steps;
    expect(checkout?.with).toMatchObject({
      ref: '$' + '{{ github.event.workflow_run.head_sha || github.sha }}',
      'fetch-depth': 0,
      lfs: true,
    });
  });

  test('shows the token to the script alone, in its environment', () => {
    const holders = [...workflows.values()]
      .flatMap(stepsOf)
      .filter((step) => JSON.stringify(step).includes('secrets.'));
    expect(holders).toEqual([expect.objectContaining({ run: 'node scripts/sync-to-space.ts' })]);
    const asked = [
      ...(/const \{(.*?)\} = process\.env/.exec(read('scripts/sync-to-space.ts'))?.[1] ?? '').matchAll(/[A-Z_]{2,}/g),
    ];
    const given = Object.keys(holders[0]?.env ?? {});
    expect(given.every((name) => asked.some(([word]) => word === name))).toBe(true);
    expect(given).toEqual(['HF_SPACE', 'HF_TOKEN', 'OVERWRITE']);
  });
});
