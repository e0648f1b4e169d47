import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writePrivate } from './token-file.ts'

const serveFile = z.object({ url: z.string(), token: z.string(), pid: z.int() })
/** Where a server of this home is, and what lets a caller in. */
export type ServeFile = z.infer<typeof serveFile>

function pathIn(home: string): string {
  return join(home, 'serve.json')
}

/** @returns what the file says, or null where there is none that can be read */
export async function readServeFile(home: string): Promise<ServeFile | null> {
  try {
    return serveFile.parse(JSON.parse(await readFile(pathIn(home), 'utf8')))
  } catch {
    // Absent, or half of a file that somebody else wrote: either way it leads to no server.
    return null
  }
}

/** Puts the file in place in one step, readable by its owner only from its first byte on. */
export function writeServeFile(home: string, content: ServeFile): void {
  writePrivate(pathIn(home), `${JSON.stringify(content)}\n`)
}

/** Removes the file unless another server has taken its place since. */
export async function removeServeFile(home: string, token: string): Promise<void> {
  const current = await readServeFile(home)
  if (current?.token === token) await rm(pathIn(home), { force: true })
}

/** How long a server may take to say that it lives, in milliseconds, before its process is asked for instead. */
const ANSWER_MS = 2_000

/**
 * A pid alone may be anyone's by now; only the server that wrote the file knows its token. Who listens there and says
 * nothing is that server on a busy machine, as long as its process is there.
 *
 * @returns whether the server that the file names answers, or is about to
 */
export async function isServed({ url, token, pid }: ServeFile, answerMs = ANSWER_MS): Promise<boolean> {
  const patience = AbortSignal.timeout(answerMs)
  try {
    const response = await fetch(`${url}/api/openapi.json`, {
      headers: { authorization: `Bearer ${token}` },
      signal: patience,
    })
    await response.body?.cancel()
    return response.ok
  } catch {
    // Nobody listens there, or no server of ours, or nobody has answered yet.
    return patience.aborted && isThere(pid)
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
