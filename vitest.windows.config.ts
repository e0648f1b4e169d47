import { defineConfig } from 'vitest/config'
import { windowsPool } from './scripts/windows/pool.ts'
import { windowsPlaces } from './scripts/windows/places.ts'

// Run by scripts/windows/test.ts: the tests of what depends on the system, in a Node for Windows.
export default defineConfig({
  plugins: [windowsPlaces()],
  test: {
    include: [
      'kernel/workers/{environment,process,spawn}/**/*.test.ts',
      'kernel/workers/log/log.test.ts',
      // What starts, watches, stops and adopts workers. Workflows and work trees need git.
      'kernel/dispatcher/{board-dispatcher,claimer,crash,dispatching,ending,faults,outcomes}.test.ts',
      'kernel/dispatcher/{rescuer,retries,settle,starter,stop,supervisor}.test.ts',
      'kernel/home/{caller,config,presets}.test.ts',
      'doors/cli/**/*.test.ts',
    ],
    setupFiles: ['scripts/vitest-setup.ts', 'scripts/windows/vitest-setup.ts'],
    pool: windowsPool(process.env['WINDOWS_NODE'] ?? 'WINDOWS_NODE'),
    // They are made of paths, and those of the modules are not paths on Windows.
    injectCjsGlobals: false,
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
