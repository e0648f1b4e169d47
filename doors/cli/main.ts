// The file that `runboard` is: the process around run().
import { writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { asOperationError } from '../../contract/index.ts'
import { run } from './run.ts'
import { sourceStack } from './source-stack.ts'
import { visible } from './views/text.ts'

const leaving = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Once: whoever asks a second time means it.
  process.once(signal, () => {
    leaving.abort(signal)
  })
}

// What nothing waits for fails with a sentence, too. Where it broke is for those who ask.
process.on('uncaughtException', (error) => {
  const debug = (process.env['RUNBOARD_DEBUG'] ?? '') !== ''
  const { message } = asOperationError(error)
  try {
    writeSync(
      process.stderr.fd,
      `runboard: ${visible(message)}\n${debug ? `${sourceStack(error.stack ?? '')}\n` : ''}`,
    )
  } catch {
    // There is nobody to tell; the exit code still says it.
  }
  process.exit(1)
})

/** A worker may be left in a folder that has been removed; most verbs do not care where they stand. */
function currentFolder(): string {
  try {
    return process.cwd()
  } catch {
    return homedir()
  }
}

// The process ends when the verb has, not when nothing but work that keeps no process alive is left of it.
const alive = setInterval(() => undefined, 1_000_000)

void run(process.argv.slice(2), {
  env: process.env,
  // Only opened by the few flags that read it.
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
  // What was interrupted may go on in the background; it is not waited for.
  if (leaving.signal.aborted && code > 2) process.exit()
})
