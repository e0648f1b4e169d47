import { dirname, join } from 'node:path'
import { build } from 'vite'
import { windowsPlaces } from './places.ts'
import { PROGRAMS_FOLDER } from './windows-path.ts'

/** What the tests start as processes of their own. */
const PROGRAMS = [
  'doors/cli/main.ts',
  'kernel/testing/complete.ts',
  'kernel/testing/dispatch.ts',
  'kernel/testing/idle.ts',
  'kernel/testing/report.ts',
  'kernel/testing/set-profiles.ts',
  'kernel/testing/shell/run.ts',
  'kernel/testing/watch-and-leave.ts',
  'kernel/workers/spawn/windows-keeper.ts',
]

/** Bundles each into one file: Wine takes a long time to open each of hundreds. */
export async function bundlePrograms(): Promise<void> {
  for (const program of PROGRAMS) {
    await build({
      configFile: false,
      logLevel: 'warn',
      plugins: [windowsPlaces()],
      ssr: { noExternal: true, external: ['better-sqlite3', 'koffi'] },
      build: {
        ssr: program,
        emptyOutDir: false,
        minify: false,
        outDir: join(PROGRAMS_FOLDER, dirname(program)),
        rolldownOptions: {
          // With the ending of its source, by which the tests call it.
          output: { format: 'esm', entryFileNames: '[name].ts', codeSplitting: false },
        },
      },
    })
  }
}
