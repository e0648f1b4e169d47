import { defineConfig } from 'vitest/config'

// `npm run test:soak`: tests that run for minutes (many processes, many kills), by hand and before a release.
export default defineConfig({
  test: {
    name: 'soak',
    include: ['**/*.soak.ts'],
    setupFiles: ['scripts/vitest-setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 15 * 60_000,
    hookTimeout: 60_000,
    passWithNoTests: true,
  },
})
