import { resolve } from 'node:path'
import type { Plugin } from 'vite'
import { PROGRAMS_FOLDER, windowsPath } from './windows-path.ts'

/** The modules that name a program of the tests by its place beside them. */
const NAMING = new Set(
  [
    'kernel/testing/posix-line.ts',
    'kernel/testing/processes.ts',
    'kernel/testing/reporter.ts',
    'kernel/testing/shell/run.ts',
    'kernel/workers/spawn/windows-keeper-call.ts',
    'doors/cli/lost-disk.test.ts',
    'doors/cli/process.test.ts',
    'kernel/dispatcher/environment.test.ts',
    'kernel/dispatcher/throughput.test.ts',
  ].map((file) => resolve(file)),
)

/**
 * Modules are read on this machine's system and run on Windows, where they have other paths. Those that name programs
 * are given a place among the programs that were bundled for the tests (programs.ts).
 */
export function windowsPlaces(): Plugin {
  return {
    name: 'runboard:windows-places',
    enforce: 'pre',
    transform(code, id) {
      if (id.includes('node_modules') || !code.includes('import.meta')) return null
      const root = resolve('.')
      const file = windowsPath(NAMING.has(id) ? id.replace(root, resolve(PROGRAMS_FOLDER)) : id)
      const folder = file.slice(0, file.lastIndexOf('\\'))
      const url = `file:///${file.replaceAll('\\', '/')}`
      return code
        .replaceAll('import.meta.url', JSON.stringify(url))
        .replaceAll('import.meta.dirname', JSON.stringify(folder))
        .replaceAll('import.meta.filename', JSON.stringify(file))
    },
  }
}
