import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { windowsCommand, windowsEnvironment } from './windows-command-line.ts'
import type { StartWorkerOptions } from './spawn-options.ts'

/** What the keeper on Windows reads first, as a line of JSON: how to start its worker. */
export interface KeeperOrder {
  exit_path: string
  program: string
  command_line: string
  folder: string
  env: Record<string, string>
}

/** The program of the keeper: beside this file in the sources, an entry of its own once built. */
function keeperFile(): string {
  const here = fileURLToPath(import.meta.url)
  if (here.endsWith('.ts')) return join(dirname(here), 'windows-keeper.ts')
  // What several entries of the build share lies in a folder below them.
  const folder = [dirname(here), dirname(dirname(here))].find((one) => existsSync(join(one, ENTRY)))
  return join(folder ?? dirname(here), ENTRY)
}

const ENTRY = 'windows-keeper.cjs'

/** What Node itself needs. The keeper gets nothing else of our environment: the worker's comes with the order. */
const OF_NODE = ['SystemRoot', 'TEMP', 'TMP', 'PATH']

/** How to start the keeper of a worker, and what to tell it. */
export function windowsKeeper(options: StartWorkerOptions) {
  const { program, line } = windowsCommand(options.file, options.args, options.env)
  const order: KeeperOrder = {
    program,
    exit_path: options.exit_path,
    command_line: line,
    folder: options.cwd,
    env: windowsEnvironment(options.env, process.env),
  }
  const isElectron = process.versions['electron'] !== undefined
  return {
    file: process.execPath,
    // A warning would stand in the worker's log.
    args: ['--no-warnings', keeperFile()],
    // A folder in which a process runs cannot be removed: the workspace must not be the keeper's.
    cwd: dirname(process.execPath),
    env: {
      ...Object.fromEntries(OF_NODE.map((name) => [name, process.env[name]])),
      ...(isElectron && { ELECTRON_RUN_AS_NODE: '1' }),
    },
    order: `${JSON.stringify(order)}\n`,
  }
}

/** Errors of CreateProcess for which spawnProblem has a sentence, by the names that Node uses. */
const CODES: Record<number, string> = { 8: 'ENOMEM', 206: 'E2BIG', 1455: 'ENOMEM' }

/** @param number what GetLastError said in the keeper */
export function createProcessError(number: number): Error {
  const words: Record<number, string> = {
    2: 'it went away',
    3: 'it, or the workspace, went away',
    5: 'permission denied',
    193: 'it is not a program for this Windows',
    216: 'it is a program for another kind of processor',
    267: 'the workspace went away',
    740: 'it asks for the rights of an administrator',
  }
  const error = new Error(words[number] ?? `Windows error ${number}`)
  return Object.assign(error, { code: CODES[number] ?? `WINDOWS_${number}` })
}
