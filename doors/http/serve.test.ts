import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { serve, type ServeOptions } from './serve.ts'
import { CODE_HEADER } from './open-code.ts'
import { isServed } from './serve-file.ts'
import { TestKernel } from '../testing/test-kernel.ts'
import { until } from '../../kernel/testing/until.ts'

let home: string
let kernel: TestKernel
let stop: AbortController
let printed: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'runboard-serve-'))
  kernel = new TestKernel(home)
  stop = new AbortController()
  printed = ''
})

afterEach(async () => {
  stop.abort()
  await rm(home, { recursive: true, force: true })
})

function start(options: Partial<ServeOptions> = {}): Promise<void> {
  const stdout = { write: (text: string) => (printed += text) }
  return serve(kernel, { port: 0, open: false, dispatch: true, stdout, signal: stop.signal, ...options })
}

async function whenServed(): Promise<{ url: string; token: string; pid: number }> {
  await until(() => printed.includes('\n'))
  return JSON.parse(await readFile(join(home, 'serve.json'), 'utf8'))
}

describe('serving', () => {
  it('writes its address for its owner only, and prints it in its first line', async () => {
    const served = start()
    const { url, token, pid } = await whenServed()
    const port = new URL(url).port
    expect(printed.split('\n')[0]).toBe(`Runboard is at http://127.0.0.1:${port}/#token=${token}`)
    expect(pid).toBe(process.pid)
    expect((await stat(join(home, 'serve.json'))).mode & 0o777).toBe(0o600)
    const answer = await fetch(`${url}/api/boards`, { headers: { authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(200)
    stop.abort()
    await served
  })

  it('dispatches while it serves, unless disabled', async () => {
    const served = start()
    await whenServed()
    expect(kernel.dispatchers).toBe(1)
    stop.abort()
    await served
    expect(kernel.dispatchers).toBe(0)
    stop = new AbortController()
    printed = ''
    const quiet = start({ dispatch: false })
    await whenServed()
    expect(kernel.dispatchers).toBe(0)
    stop.abort()
    await quiet
  })

  it('leaves nothing behind when it stops, and ends open streams', async () => {
    const served = start()
    const { url, token } = await whenServed()
    const stream = await fetch(`${url}/api/events`, { headers: { authorization: `Bearer ${token}` } })
    const text = stream.text()
    stop.abort()
    await served
    await text
    expect(await readdir(home)).toEqual(['serve-token'])
    expect(kernel.openStreams).toBe(0)
    await expect(fetch(`${url}/api/health`)).rejects.toThrow()
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('stops at %s', async (signal) => {
    const served = start()
    await whenServed()
    process.emit(signal)
    await served
    expect(await readdir(home)).toEqual(['serve-token'])
  })
})

describe('a port that is in use', () => {
  it('is an error when it was requested', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await until(() => other.listening)
    const { port } = other.address() as AddressInfo
    await expect(start({ port })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`Port ${port} is in use`),
    })
    expect(await readdir(home)).toEqual([])
    expect(kernel.dispatchers).toBe(0)
    other.close()
  })

  it('is skipped when no port was requested', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await until(() => other.listening)
    const { port } = other.address() as AddressInfo
    const served = start({ port: undefined, usualPort: port })
    expect(new URL((await whenServed()).url).port).not.toBe(String(port))
    stop.abort()
    await served
    other.close()
  })
})

describe('an existing serve.json', () => {
  it('is kept while its server lives, and a second server is refused', async () => {
    const served = start()
    const first = await whenServed()
    await expect(start()).rejects.toMatchObject({
      code: 'CONFLICT',
      data: { url: first.url, pid: process.pid },
    })
    expect(await whenServed()).toEqual(first)
    stop.abort()
    await served
  })

  it.each([
    ['of a dead server', { url: 'http://127.0.0.1:1', token: 'old', pid: 999_999_999 }],
    ['of a dead server whose pid was reused', { url: 'http://127.0.0.1:1', token: 'old', pid: process.pid }],
    ['that is broken', { nonsense: true }],
  ])('%s is replaced', async (_what, content) => {
    await writeFile(join(home, 'serve.json'), JSON.stringify(content))
    const served = start()
    expect((await whenServed()).token).not.toBe('old')
    stop.abort()
    await served
  })
})

it.each([
  ['is there', process.pid, true],
  ['is gone', 999_999_999, false],
])('a server that does not answer in time lives if its process %s', async (_what, pid, lives) => {
  const silent = createServer().listen(0, '127.0.0.1')
  await until(() => silent.listening)
  const { port } = silent.address() as AddressInfo
  expect(await isServed({ url: `http://127.0.0.1:${port}`, token: 'x', pid }, 20)).toBe(lives)
  silent.close()
})

it('continues when there is no program to open a browser', async () => {
  vi.stubEnv('PATH', home)
  const served = start({ open: true })
  await until(() => printed.includes('No browser could be opened'))
  vi.unstubAllEnvs()
  stop.abort()
  await served
  expect(printed.split('\n')[0]).toMatch(/^Runboard is at /)
})

describe('X4: opening the browser', () => {
  /** A browser that records how it was called. */
  async function opened(): Promise<string> {
    const browser = join(home, 'xdg-open')
    await writeFile(
      browser,
      `#!/bin/sh\nprintf '%s ' "$@" > '${home}/called.part'; mv '${home}/called.part' '${home}/called'\n`,
    )
    await chmod(browser, 0o755)
    vi.stubEnv('PATH', `${home}:${process.env['PATH'] ?? ''}`)
    await until(() => existsSync(join(home, 'called')))
    vi.unstubAllEnvs()
    return (await readFile(join(home, 'called'), 'utf8')).trim()
  }

  const redeem = (url: string, code: string) =>
    fetch(`${url}/token`, { method: 'POST', headers: { [CODE_HEADER]: code } })

  it.skipIf(process.platform !== 'linux')('puts a code on the command line that opens once', async () => {
    const called = opened()
    const served = start({ open: true })
    const { url, token } = await whenServed()
    const [, code = ''] = /#code=(\S+)$/.exec(await called) ?? []

    const first = await redeem(url, code)
    const again = await redeem(url, code)

    expect(await called).not.toContain(token)
    expect(await first.json()).toEqual({ token })
    expect(again.status).toBe(401)
    stop.abort()
    await served
  })

  it.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
    'gives the token to no process of another user, who cannot use the code up either (needs root)',
    async () => {
      const called = opened()
      const served = start({ open: true })
      const { url, token } = await whenServed()
      const [, code = ''] = /#code=(\S+)$/.exec(await called) ?? []
      const ask = `fetch('${url}/token', { method: 'POST', headers: { '${CODE_HEADER}': '${code}' } })
        .then((answer) => console.log(answer.status))`
      const child = spawn(process.execPath, ['-e', ask], {
        uid: 65534,
        gid: 65534,
        cwd: '/',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const [said] = (await once(child.stdout, 'data')) as [Buffer]

      expect(said.toString().trim()).toBe('401')
      expect(await (await redeem(url, code)).json()).toEqual({ token })
      stop.abort()
      await served
    },
  )

  it.each(['', 'nonsense', '__proto__'])('refuses the code “%s”', async (code) => {
    const served = start()
    const { url } = await whenServed()
    expect((await redeem(url, code)).status).toBe(401)
    stop.abort()
    await served
  })
})

describe('B5: the token', () => {
  it('is the same after a restart, and readable by its owner only', async () => {
    const served = start()
    const first = await whenServed()
    stop.abort()
    await served
    stop = new AbortController()
    printed = ''
    const again = start()

    expect((await whenServed()).token).toBe(first.token)
    expect((await stat(join(home, 'serve-token'))).mode & 0o777).toBe(0o600)
    stop.abort()
    await again
  })

  it.each([
    ['after it was renewed', { newToken: true }, null],
    ['when its file is damaged', {}, 'x'],
  ])('is another %s', async (_when, options, damage) => {
    const token = 'A'.repeat(43)
    await writeFile(join(home, 'serve-token'), damage ?? token)
    const served = start(options)
    const { token: renewed } = await whenServed()

    expect(renewed).toMatch(/^[\w-]{43}$/)
    expect(renewed).not.toBe(token)
    expect((await readFile(join(home, 'serve-token'), 'utf8')).trim()).toBe(renewed)
    stop.abort()
    await served
  })
})
