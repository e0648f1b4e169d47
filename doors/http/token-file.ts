import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../kernel/index.ts'

/** As `randomBytes(32)` is written in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** Keeps the token after the server ends, so that open tabs and scripts still work after a restart. */
function tokenPath(home: string): string {
  return join(home, 'serve-token')
}

/** @returns the token of the previous server, or a new one if none was kept */
export async function lastingToken(home: string): Promise<string> {
  const known = (await readFile(tokenPath(home), 'utf8').catch(() => '')).trim()
  return TOKEN.test(known) ? known : makeToken()
}

export function makeToken(): string {
  return randomBytes(32).toString('base64url')
}

export async function keepToken(home: string, token: string): Promise<void> {
  if ((await lastingToken(home)) !== token) writePrivate(tokenPath(home), `${token}\n`)
}

/** The page that leads a browser to the address with the token, for systems that cannot tell whose connection it is. */
export function writeOpenPage(home: string, address: string): string {
  const path = join(home, 'serve-open.html')
  writePrivate(
    path,
    `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url=${address}"><title>Runboard</title>\n`,
  )
  return path
}

export async function removeOpenPage(home: string): Promise<void> {
  await rm(join(home, 'serve-open.html'), { force: true })
}

/** Writes atomically; only the owner can read the file, from the first byte. */
export function writePrivate(path: string, content: string): void {
  writeFileAtomic(path, content)
}
