import { availableParallelism } from 'node:os'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

// Tests start real processes and use real files, on machines with two slow cores that others use as well: limits only end
// what hangs.
const common = {
  setupFiles: ['scripts/vitest-setup.ts'],
  pool: 'forks' as const,
  testTimeout: 120_000,
  hookTimeout: 120_000,
}

export default defineConfig({
  test: {
    passWithNoTests: true,
    // Most tests wait for processes and disks, so two at once keep even two cores only half busy.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          ...common,
          name: 'node',
          include: ['{contract,formats,kernel,doors,electron,scripts}/**/*.test.ts'],
        },
      },
      {
        // Logic of the screens, in Node: runes in .svelte.ts files are compiled for the browser.
        plugins: [svelte({ configFile: false })],
        resolve: { conditions: ['browser'] },
        test: { ...common, name: 'renderer', include: ['renderer/**/*.test.ts'] },
      },
    ],
  },
})
