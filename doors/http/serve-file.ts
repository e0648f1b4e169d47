import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writePrivate } from './token-file.ts'

const serveFile = z.object({ url: z.string(), token: z.string(), pid: z.int() })
/** How to reach the server of a home: its address, its token, and its process. */
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

/** How long to wait for an answer before we check the process instead, in milliseconds. */
const ANSWER_MS = 2_000

/**
 * Asks the server for an answer, because its pid may have been reused; only the server that wrote the file accepts the
 * token. If nothing answers in time, the server counts as busy while its process exists.
 *
 * @returns whether the server that wrote the file still runs
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
    // Nothing listens there, the listener does not speak HTTP, or it has not answered in time.
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
