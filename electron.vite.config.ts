import { relative, resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'
import { normalizePath } from 'vite'
import { bundledSqlite } from './scripts/build/bundled-sqlite.ts'
import { lazyRequires } from './scripts/build/lazy-requires.ts'
import { licenses } from './scripts/build/licenses.ts'
import { oneFile } from './scripts/build/one-file.ts'
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

/** As Vite names modules: with slashes on Windows too. */
const programs = new Set(Object.values(PROGRAMS).map((program) => normalizePath(resolve(program))))
const isProgram = (id: string) => programs.has(normalizePath(id))

/** The packages that every command may use. */
const COMMON_PACKAGES = ['zod', 'commander', 'better-sqlite3']

const numbers = new Map<string, number>()

/** Names of modules would be a fifth of the file: they are said at each use. */
function numberOf(path: string): number {
  if (!numbers.has(path)) numbers.set(path, numbers.size)
  return numbers.get(path) ?? 0
}

/**
 * The file that a module is built into. Each package gets one; so does each of our own modules, and each module of the
 * packages that every command may use, so that a command runs only what it uses.
 */
function groupOf(id: string): string | null {
  // A program runs when its file is loaded, so it is in no file with others.
  if (isProgram(id)) return null
  const pack = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]
  if (pack !== undefined && !COMMON_PACKAGES.includes(pack))
    return pack.replaceAll(/[@/]+/g, '-').replace(/^-/, '')
  const path = normalizePath(relative(pack === undefined ? '.' : 'node_modules', id)).replace(/\.[a-z]+$/, '')
  const isOurs = /^(?:(?:contract|formats|kernel|doors\/(?:cli|shared))\/|package$)/.test(path)
  return pack !== undefined || isOurs ? `m${numberOf(path)}` : null
}

export default defineConfig({
  main: {
    plugins: [bundledSqlite(), lazyRequires(), oneFile(/^(?:m\d+|rolldown-runtime)-/, 'chunks')],
    build: {
      target: NODE_FLOOR,
      // With RUNBOARD_DEBUG the command line names the lines of TypeScript (doors/cli/source-stack.ts). Lines suffice for that.
      sourcemap: true,
      license: { fileName: 'licenses.json' },
      // Pure JavaScript is bundled: one file to read instead of hundreds is what keeps the start of the CLI short, and
      // what is loaded by `import()` becomes a chunk that is read only when needed.
      externalizeDeps: false,
      chunkSizeWarningLimit: LARGEST_CHUNK_KB,
      rolldownOptions: {
        checks,
        input: PROGRAMS,
        // Our own modules only define things when they are loaded; a package declares in its package.json what it does.
        treeshake: { moduleSideEffects: (id) => (id.includes('/node_modules/') ? undefined : isProgram(id)) },
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
