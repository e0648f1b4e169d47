import { fileURLToPath } from 'node:url'

const SHELL = fileURLToPath(new URL('shell/run.ts', import.meta.url))

/**
 * The command that runs a line of POSIX shell. Windows has no such shell: there our own small one runs it.
 *
 * @returns an argument vector, its program as an absolute path
 */
export function posixLine(line: string): [string, ...string[]] {
  if (process.platform !== 'win32') return ['/bin/sh', '-c', line]
  return [process.execPath, '--no-warnings', SHELL, line]
}
