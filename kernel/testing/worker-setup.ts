import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { startWorker } from '../workers/spawn/spawn.ts'
import type { StartedWorker, StartWorkerOptions } from '../workers/spawn/spawn-options.ts'
import { posixLine } from './posix-line.ts'
import { removeFolder } from './remove-folder.ts'
import { stopTree } from '../workers/process/stop-tree.ts'

export { until } from './until.ts'

/** A program to be found or started: a script. */
export function writeProgram(path: string, text = '#!/bin/sh\necho here\n'): void {
  writeFileSync(path, text)
  chmodSync(path, 0o755)
}

export interface WorkerSetup {
  dir: string
  path: (name: string) => string
  /** Options for a worker that runs this shell line. */
  shell: (line: string, more?: Partial<StartWorkerOptions>) => StartWorkerOptions
  /** Starts that worker and its program. It is stopped when the test is over. */
  start: (line: string, more?: Partial<StartWorkerOptions>) => Promise<StartedWorker>
  log: () => string
}

/** One temporary folder per test, with workers in it that do not outlive the test. */
export function setup(): WorkerSetup {
  // A backslash means something else to a shell.
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'runboard-workers-'))).replaceAll('\\', '/')
  const path = (name: string): string => `${dir}/${name}`
  const started: StartedWorker[] = []
  cleanUps.push(async () => {
    await Promise.all(
      started.map((worker) => stopTree({ ...worker, markers: { run: '1', claim: dir } }, { grace_ms: 0 })),
    )
    removeFolder(dir)
  })
  const shell = (line: string, more: Partial<StartWorkerOptions> = {}): StartWorkerOptions => {
    const [file, ...args] = posixLine(line)
    return {
      file,
      args,
      cwd: dir,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', RUNBOARD_RUN: '1', RUNBOARD_CLAIM: dir },
      stdin_path: null,
      log_path: path('1.log'),
      exit_path: path('1.exit'),
      ...more,
    }
  }
  return {
    dir,
    path,
    shell,
    async start(line, more) {
      const worker = await startWorker(shell(line, more))
      started.push(worker)
      worker.go()
      return worker
    },
    log: () => readText(path('1.log')),
  }
}

const cleanUps: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})

/** The text of a file, or '' if it does not exist yet. */
export function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/** A shell line that waits for a file of the test. (A FIFO would need no polling, but opening one can block us.) */
export function waitFor(path: string): string {
  return `until [ -e '${path}' ]; do sleep 0.01; done`
}
