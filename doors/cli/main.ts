// The `runboard` executable: the process around run().
import { writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { asOperationError } from '../../contract/index.ts'
import { run } from './run.ts'
import { sourceStack } from './source-stack.ts'
import { visible } from './views/text.ts'

const leaving = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Once: a second signal ends the process at once.
  process.once(signal, () => {
    leaving.abort(signal)
  })
}

// An uncaught error is printed as a sentence too. RUNBOARD_DEBUG adds its stack.
process.on('uncaughtException', (error) => {
  const debug = (process.env['RUNBOARD_DEBUG'] ?? '') !== ''
  const { message } = asOperationError(error)
  try {
    writeSync(
      process.stderr.fd,
      `runboard: ${visible(message)}\n${debug ? `${sourceStack(error.stack ?? '')}\n` : ''}`,
    )
  } catch {
    // Nobody can read the message; the exit code still reports the failure.
  }
  process.exit(1)
})

/** A worker's folder may have been removed; most verbs do not need one. */
function currentFolder(): string {
  try {
    return process.cwd()
  } catch {
    return homedir()
  }
}

// Keeps the process alive until the verb has ended, even if only work that does not keep it alive is left.
const alive = setInterval(() => undefined, 1_000_000)

const outputs = new Set<NodeJS.WriteStream>()

function used(output: NodeJS.WriteStream): NodeJS.WriteStream {
  outputs.add(output)
  return output
}

void run(process.argv.slice(2), {
  env: process.env,
  // Node makes each of them when it is first asked for, and a short command notices the time.
  get stdin() {
    return process.stdin
  },
  get stdout() {
    return used(process.stdout)
  },
  get stderr() {
    return used(process.stderr)
  },
  cwd: currentFolder(),
  signal: leaving.signal,
  cli: {
    path: process.argv[1] ?? '',
    runtime: process.execPath,
    electron: process.versions['electron'] !== undefined,
  },
}).then((code) => {
  clearInterval(alive)
  process.exitCode = code
  const isWritten = [...outputs].every(({ writableLength }) => writableLength === 0)
  // A command that dispatched may still be stopping what a killed one has left behind.
  // eslint-disable-next-line n/no-unsupported-features/node-builtins -- Node 18.15 has it too, under the name of an experiment
  const isIdle = process.getActiveResourcesInfo().every((kind) => kind === 'TTYWrap' || kind === 'PipeWrap')
  if ((isWritten && isIdle) || (leaving.signal.aborted && code > 2)) process.exit()
})
