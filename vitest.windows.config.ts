import { defineConfig } from 'vitest/config'

// Run by scripts/windows/test.ts in a Node for Windows: the tests of what depends on the system.
export default defineConfig({
  test: {
    include: ['{kernel/workers,kernel/dispatcher,kernel/home,doors/cli}/**/*.test.ts'],
    setupFiles: ['scripts/vitest-setup.ts', 'scripts/windows/vitest-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
