import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          // beside the code; those that need Redis share one real server
          name: 'unit',
          include: ['{packages,apps,models,scripts,services,bench}/**/*.test.{ts,tsx}'],
          exclude,
          testTimeout: 20_000, // some start processes and load models; on a busy machine that takes seconds
          expect: { poll: { timeout: 10_000 } }, // how long it is waited for what must come, not a bound
          maxWorkers: '100%', // the usual one less is one of two
          globalSetup: 'tests/shared-redis.ts',
          setupFiles: 'tests/no-stray-output.ts',
        },
      },
      {
        test: {
          // the whole house through its one port; one after the other, for two cores carry one house
          name: 'stack',
          include: ['tests/*.test.ts'],
          exclude,
          fileParallelism: false,
          testTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
          hookTimeout: 120_000,
          setupFiles: 'tests/no-stray-output.ts',
        },
      },
      {
        test: {
          // the image, built and run; two files at once, for they wait more than they work
          name: 'container',
          include: ['tests/container/*.test.ts'],
          exclude,
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 1_200_000,
          globalSetup: 'tests/container/build-image.ts',
          setupFiles: 'tests/no-stray-output.ts',
        },
      },
    ],
  },
});
