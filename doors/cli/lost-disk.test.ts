import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'runboard-lost-disk-'))
const home = join(folder, 'home')
const readOnly = join(folder, 'read-only')
// Only root can mount, and permissions of a folder do not restrict root.
const isMounted = process.platform === 'linux' && process.getuid?.() === 0 && mountReadOnly()
afterAll(() => {
  if (isMounted) execFileSync('umount', [readOnly])
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the command line with its standard output, or standard error, sent to `full`. */
async function run(argv: readonly string[], { at = home, full = '' } = {}) {
  const fd = full === '' ? ('pipe' as const) : openSync('/dev/full', 'w')
  const env = { ...process.env, RUNBOARD_HOME: at, RUNBOARD_BOARD: '', RUNBOARD_TASK: '', RUNBOARD_RUN: '' }
  const child = spawn(process.execPath, [main, ...argv], {
    env,
    cwd: folder,
    stdio: ['ignore', full === 'stdout' ? fd : 'pipe', full === 'stderr' ? fd : 'pipe'],
  })
  if (typeof fd === 'number') closeSync(fd)
  let stderr = ''
  child.stdout?.resume()
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, stderr }
}

function expectSentence({ code, signal, stderr }: Awaited<ReturnType<typeof run>>, words: string) {
  expect(stderr).toContain(words)
  expect(stderr).not.toMatch(/\n\s+at |Internal error/)
  expect({ code, signal }).toEqual({ code: 1, signal: null })
}

/** @returns whether a folder could be mounted read-only, which also stops root, unlike permissions */
function mountReadOnly(): boolean {
  mkdirSync(readOnly)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=64k', 'tmpfs', readOnly], { stdio: 'ignore' })
    return true
  } catch {
    // Not root, or in a container that may not mount.
    return false
  }
}

describe.skipIf(!existsSync('/dev/full'))('B10: output to a full disk', () => {
  it.each([
    ['list'],
    ['list', '--json'],
    ['help'],
    ['--version'],
    ['completion', 'bash'],
    ['export'],
    ['watch', '--since', '0'],
    ['serve', '--no-dispatch', '--port', '0'],
    ['mcp', '--print-config', 'codex'],
  ])('is reported by %s %s %s', async (...argv: string[]) => {
    expect((await run(['create', 'something to say'])).code).toBe(0)
    expectSentence(await run(argv, { full: 'stdout' }), 'The output could not be written: its disk is full')
  })

  it('keeps the exit code when even the error cannot be written', async () => {
    expect(await run(['show', 't_00000000'], { full: 'stderr' })).toMatchObject({ code: 1, signal: null })
  })
})

describe('B10: a home that cannot be used', () => {
  it.each([['list'], ['watch'], ['mcp'], ['serve']])('is reported by %s when it is a file', async (verb) => {
    const at = join(folder, 'file')
    writeFileSync(at, '')
    expectSentence(await run([verb], { at }), `The home ${at} cannot be made: a file is there`)
  })

  it.skipIf(!isMounted).each([
    ['create', 'x'],
    ['serve', '--port', '0'],
    ['init', '--json'],
  ])(
    `is reported by %s %s when its disk is read-only${isMounted ? '' : ' (skipped: only root may mount a disk)'}`,
    async (...argv: string[]) => {
      expectSentence(await run(argv, { at: readOnly }), readOnly)
    },
  )
})
