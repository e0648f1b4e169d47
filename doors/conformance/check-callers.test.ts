import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../kernel/testing/until.ts'
import { CLI_PATH, type Desk, openDesk, startProcess, type Variables } from '../mcp/test-client.ts'

let desk: Desk
const cleanUps: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  desk = await openDesk()
})

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
  for (const pid of begun()) if (!isGone(pid)) process.kill(pid, 'SIGKILL')
  desk.remove()
})

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

/** The checks that have begun, oldest first. */
function begun(): number[] {
  const path = join(desk.home, 'checks')
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').map(Number) : []
}

const oneBegun = () => until(() => begun().at(0), 'the check to begin')

/** A claimed task whose check hangs. @returns its id, and the environment of its worker */
async function claimed(): Promise<{ id: string; env: Variables }> {
  const check = `echo $$ >>'${desk.home}/checks'; sleep 300`
  const id = await desk.create('Checked', '--verify', check, '--workspace', `dir:${desk.home}`)
  return { id, env: await desk.claim(id) }
}

const statusOf = async (id: string) => (await desk.runboard('show', id)).task.status as string

function startCli(argv: string[], env: Variables) {
  const child = spawn(process.execPath, [CLI_PATH, ...argv], {
    cwd: desk.home,
    env: { PATH: process.env['PATH'], USER: 'ada', RUNBOARD_HOME: desk.home, RUNBOARD_BOARD: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += String(part)))
  const ended = once(child, 'close')
  cleanUps.push(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
  })
  return { child, ended, output: () => output }
}

/** A server in a process of its own, without a dispatcher. */
async function served(): Promise<{ url: string; token: string }> {
  const { output } = startCli(['serve', '--port', '0', '--no-dispatch'], {})
  await until(() => output().includes('\n'), 'the server')
  return JSON.parse(readFileSync(join(desk.home, 'serve.json'), 'utf8')) as { url: string; token: string }
}

describe('X13: a check is stopped when its caller goes away, and the run stays open', () => {
  it.each(['api', 'rpc'])('a client of /%s that disconnects', async (door) => {
    const { id } = await claimed()
    const { url, token } = await served()
    const leaving = new AbortController()
    const [path, body] =
      door === 'api'
        ? [`/api/tasks/${id}/complete?board=test`, {}]
        : ['/rpc/task/complete', { json: { id, board: 'test' } }]
    const completing = fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: leaving.signal,
    })
    const refused = expect(completing).rejects.toThrow()
    const pid = await oneBegun()

    leaving.abort()

    await refused
    await until(() => isGone(pid), 'the end of the check')
    expect({ status: await statusOf(id), checks: begun() }).toEqual({ status: 'running', checks: [pid] })
  })

  it.each(['legacy', { pin: '2026-07-28' }] as const)(
    'a client of MCP (%j) that cancels',
    async (protocol) => {
      const { id, env } = await claimed()
      const agent = await startProcess({ env, protocol })
      cleanUps.push(() => agent.close())
      const leaving = new AbortController()
      const completing = agent.client.callTool(
        { name: 'complete', arguments: { id } },
        { signal: leaving.signal },
      )
      const refused = expect(completing).rejects.toThrow()
      const pid = await oneBegun()

      leaving.abort('enough')

      await refused
      await until(() => isGone(pid), 'the end of the check')
      expect({ status: await statusOf(id), checks: begun() }).toEqual({ status: 'running', checks: [pid] })
    },
  )

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('a command line that gets %s', async (signal) => {
    const { id, env } = await claimed()
    const { child, ended } = startCli(['complete', id], env)
    const pid = await oneBegun()

    child.kill(signal)
    await ended

    expect(isGone(pid)).toBe(true)
    expect(await statusOf(id)).toBe('running')
  })

  it('a command line that is killed: a dispatcher stops it', async () => {
    const { id, env } = await claimed()
    const { child, ended } = startCli(['complete', id], env)
    const pid = await oneBegun()
    child.kill('SIGKILL')
    await ended
    expect(isGone(pid)).toBe(false)

    const { ended: dispatched } = startCli(['dispatch', '--wait'], {})
    await dispatched

    await until(() => isGone(pid), 'the end of the check')
    expect({ status: await statusOf(id), checks: begun() }).toEqual({ status: 'running', checks: [pid] })
  })

  it('a command line that is killed: the next call ends it before its own begins', async () => {
    const { id, env } = await claimed()
    const first = startCli(['complete', id], env)
    const pid = await oneBegun()
    first.child.kill('SIGKILL')
    await first.ended

    const second = startCli(['complete', id], env)
    const other = await until(() => begun().at(1), 'the second check')

    expect(isGone(pid)).toBe(true)
    second.child.kill('SIGTERM')
    await second.ended
    expect(isGone(other)).toBe(true)
  })
})
