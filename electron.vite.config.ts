import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'
import { lazyRequires } from './scripts/build/lazy-requires.ts'
import { licenses } from './scripts/build/licenses.ts'
import { pageFileOf, preloadScreens } from './scripts/build/page-files.ts'

// The floor that the packaged code keeps to: the oldest Electron it is tested on (25: Node 18.15, Chromium 114).
const NODE_FLOOR = 'node18.15'
const CHROMIUM_FLOOR = 'chrome114'

// All files are read from disk, so a large one costs no download.
const LARGEST_CHUNK_KB = 4_000
// How long a plugin took says something of the machine, and nothing to one who starts the app for the first time.
const checks = { bundlerTimings: false }

const commonjs = {
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunks/[name]-[hash].cjs',
} as const

/** Each becomes out/main/<name>.cjs. */
const PROGRAMS = {
  index: 'electron/main/index.ts',
  cli: 'doors/cli/main.ts',
  // Entries of worker threads.
  'job-thread': 'kernel/jobs/job-thread.ts',
  'read-thread': 'kernel/read-thread.ts',
  // Waits for a worker on Windows.
  'windows-keeper': 'kernel/workers/spawn/windows-keeper.ts',
}

/** What every call of an operation uses is one file, because each file costs time too. */
const CORE = /\/(?:contract|formats|kernel\/(?:board|db|home|lifecycle|operations|tables))\//

/**
 * The file that a module is built into: one for each other room of the kernel and each package, so that a command reads
 * only those that it uses.
 */
function groupOf(id: string): string | null {
  // A program runs when its file is loaded, so it is in no file with others.
  if (Object.values(PROGRAMS).some((program) => id === resolve(program))) return null
  const pack = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]
  if (pack === 'zod' || (pack === undefined && CORE.test(id))) return 'core'
  if (pack === 'commander') return null
  const room = /\/kernel\/(workers\/[a-z-]+|[a-z-]+)\//.exec(id)?.[1]
  return (pack ?? room)?.replaceAll(/[@/]+/g, '-').replace(/^-/, '') ?? null
}

export default defineConfig({
  main: {
    plugins: [lazyRequires()],
    build: {
      target: NODE_FLOOR,
      // With RUNBOARD_DEBUG the command line names the lines of TypeScript (doors/cli/source-stack.ts). Lines suffice for that.
      sourcemap: true,
      license: { fileName: 'licenses.json' },
      // Pure JavaScript is bundled: one file to read instead of hundreds is what keeps the start of the CLI short, and
      // what is loaded by `import()` becomes a chunk that is read only when needed. The native module stays outside.
      externalizeDeps: false,
      chunkSizeWarningLimit: LARGEST_CHUNK_KB,
      rolldownOptions: {
        checks,
        external: ['better-sqlite3'],
        input: PROGRAMS,
        output: {
          ...commonjs,
          sourcemapExcludeSources: true,
          // Names stay, for stack traces and errors. Without comments and spaces there is less to read.
          minify: { compress: false, mangle: false },
          codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: groupOf }] },
        },
      },
    },
  },
  preload: {
    build: {
      target: NODE_FLOOR,
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: 'electron/preload/index.ts' },
        output: commonjs,
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [svelte({ configFile: false }), preloadScreens(), licenses()],
    // Workers load their parts when they need them: the grammars of languages.
    worker: { format: 'es' },
    build: {
      target: CHROMIUM_FLOOR,
      license: { fileName: 'licenses.json' },
      // Half as much to read before the first paint.
      minify: true,
      chunkSizeWarningLimit: LARGEST_CHUNK_KB,
      rolldownOptions: {
        checks,
        // Absolute: the build reads it from the project's root, the dependency scan of the development server from `root`.
        input: resolve('renderer/index.html'),
        output: { codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: pageFileOf }] } },
      },
    },
  },
})
