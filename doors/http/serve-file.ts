import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writePrivate } from './token-file.ts'

const serveFile = z.object({ url: z.string(), token: z.string(), pid: z.int() })
/** The address of this home's server, and its token. */
export type ServeFile = z.infer<typeof serveFile>

function pathIn(home: string): string {
  return join(home, 'serve.json')
}

/** @returns the file's content, or null if there is none that can be read */
export async function readServeFile(home: string): Promise<ServeFile | null> {
  try {
    return serveFile.parse(JSON.parse(await readFile(pathIn(home), 'utf8')))
  } catch {
    // Absent, or not a complete file of ours: either way there is no server to find.
    return null
  }
}

/** Writes the file atomically; only its owner can read it, from the first byte. */
export function writeServeFile(home: string, content: ServeFile): void {
  writePrivate(pathIn(home), `${JSON.stringify(content)}\n`)
}

/** Removes the file unless another server has replaced it. */
export async function removeServeFile(home: string, token: string): Promise<void> {
  const current = await readServeFile(home)
  if (current?.token === token) await rm(pathIn(home), { force: true })
}

/** How long a server may take to answer before we check its process instead, in milliseconds. */
const ANSWER_MS = 2_000

/**
 * A pid alone may have been reused; only the server that wrote the file knows its token. A listener that does not
 * answer counts as that server, busy, as long as the process exists.
 *
 * @returns whether the server in the file answers, or is about to
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
    // Nobody listens there, or it is not our server, or it has not answered yet.
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
