import type { TestProject } from 'vitest/node';
import { createPodman, whyNoContainer } from './podman.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The name of the image that all tests here run. */
    image: string;
  }
}

/** What a plain build is told: no secret, no argument. */
export const buildArguments = ['--format', 'docker', '--network', 'host', '--pull=never', '--quiet'];

/** vitest's global set-up: builds the image once, and removes it at the end. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const image = `localhost/slipway-test:${process.pid}`;
  project.provide('image', image);
  if (whyNoContainer()) return undefined;
  const podman = createPodman();
  await podman('build', ...buildArguments, '-t', image, '.');
  return async () => {
    await podman('rmi', '--force', image);
  };
}
