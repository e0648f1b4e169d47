import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { exitFromStatus } from '../workers/process/keeper.ts'
import { cleanUp } from './setup.ts'

/** An older Node says that types in sources are an experiment. */
const WITHOUT_WARNINGS = process.platform === 'win32' ? ['--no-warnings'] : []

/** How a program ended, and its whole output. */
interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  output: string
}

export interface Program {
  child: ChildProcess
  /** Its output so far. */
  output: () => string
  ended: Promise<Ended>
}

/** Windows reports a process that another one has ended like any other status. */
function seenExit(code: number | null, signal: NodeJS.Signals | null): Pick<Ended, 'code' | 'signal'> {
  if (process.platform !== 'win32' || code === null) return { code, signal }
  const exit = exitFromStatus(code)
  return { code: exit.exit_code, signal: exit.signal as NodeJS.Signals | null }
}

/** Starts one of the programs of kernel/testing/ in its own process. It does not outlive the test. */
export function startProgram(name: string, args: readonly string[], cwd = process.cwd()): Program {
  const file = fileURLToPath(new URL(name, import.meta.url))
  const child = spawn(process.execPath, [...WITHOUT_WARNINGS, file, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const ended = once(child, 'close').then(([code, signal]) => ({
    ...seenExit(code as number | null, signal as NodeJS.Signals | null),
    output,
  }))
  cleanUp(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
  })
  return { child, output: () => output, ended }
}
