import { OperationError } from '../../../contract/index.ts'
import type { Call } from '../call.ts'
import type { Session } from '../session.ts'
import { usageError } from '../usage.ts'

const LAST_PORT = 65_535

/** `serve`: the HTTP door, until the process is asked to end. */
export async function serve({ session, given }: Call): Promise<number> {
  const { port, open, newToken, dispatch } = given.input as {
    port?: number
    open?: true
    newToken?: true
    dispatch?: false
  }
  if (port !== undefined && (port < 0 || port > LAST_PORT)) {
    throw usageError(`--port: expected a number from 0 to ${String(LAST_PORT)}.`)
  }
  if ((await session.caller()).worker !== undefined) {
    throw new OperationError(
      'UNAUTHORIZED',
      'A worker may not serve the board: calls over HTTP act as the person, and their token is for a person alone.',
    )
  }
  const door = await import('../../http/serve.ts')
  await door.serve(await session.kernel(), {
    port,
    open: open === true,
    newToken: newToken === true,
    dispatch: dispatch !== false,
    stdout: session.json ? { write: (text) => void announceJson(session, text) } : session.io.stdout,
    signal: session.signal,
  })
  return 0
}

/** Prints the address as a document. Everything else that the server prints is for people. */
async function announceJson(session: Session, text: string): Promise<void> {
  const [, url, token] = /(http:\S+)\/#token=(\S+)/.exec(text) ?? []
  if (url !== undefined) await session.outJson({ url, token, pid: process.pid })
}
