import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Native addons and child processes need real processes, not threads.
    pool: 'forks',
    // Vitest would leave one core free: of two, only one would test.
    maxWorkers: '100%',
    // Only what hangs for ever shall meet these: on a loaded machine a training of seconds takes minutes.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
