import { text } from 'node:stream/consumers'
import type { Call } from '../call.ts'
import { usageError } from '../usage.ts'
import { VERSION } from '../version.ts'

/** `acp`: the worker of a profile with driver=acp. Reads the prompt from standard input and writes its log to standard output. */
export async function acp({ given, session, typed }: Call): Promise<number> {
  const command = typed.rest ?? []
  if (command.length === 0) throw usageError('acp: the agent’s command is missing after --.')
  const { mode, model, resume } = given.input as { mode?: string; model?: string; resume?: string }
  const { io } = session
  const { serveAcp } = await import('../../acp/serve.ts')
  return serveAcp({
    kernel: await session.kernel(),
    caller: await session.caller(),
    command,
    cwd: io.cwd,
    env: io.env,
    prompt: await text(io.stdin),
    mode: mode ?? null,
    model: model ?? null,
    resume: resume ?? null,
    version: VERSION,
    print: (line) => void io.stdout.write(`${line}\n`),
    signal: session.signal,
    report: (message, cause) => {
      void session.note(cause instanceof Error ? `${message}: ${cause.message}` : message)
    },
  })
}
