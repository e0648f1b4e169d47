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

void run(process.argv.slice(2), {
  env: process.env,
  // Opened only by the few flags that read it.
  get stdin() {
    return process.stdin
  },
  stdout: process.stdout,
  stderr: process.stderr,
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
  // Interrupted work may still run in the background; do not wait for it.
  if (leaving.signal.aborted && code > 2) process.exit()
})
