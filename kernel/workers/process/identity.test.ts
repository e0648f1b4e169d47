import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hostIdentity, isAlive, isThisHost, startKeyOf, watchProcess } from './identity.ts'
import { parseProcStat } from './systems/linux.ts'
import { readPsStartKey } from './systems/ps.ts'
import { readText, setup, until } from '../../testing/worker-setup.ts'

describe('start key', () => {
  it('is the same at every look, and differs between processes', async () => {
    const { start } = setup()
    const first = await start('sleep 60')
    const second = await start('sleep 60')
    expect(startKeyOf(first.pid)).toBe(first.started_key)
    expect(startKeyOf(first.pid)).toBe(startKeyOf(first.pid))
    expect(first.started_key).not.toBe(startKeyOf(1))
    expect(second.pid).not.toBe(first.pid)
  })

  it('is null for a missing process', () => {
    for (const pid of [0, -1, 2 ** 30, NaN, 1.5]) expect(startKeyOf(pid)).toBeNull()
  })

  it.runIf(process.platform === 'linux')('reads a command name with parentheses and spaces', () => {
    const line = '77 (a) R 1 (b) ) S 5 6 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 50914 3133440 370'
    expect(parseProcStat(line)).toEqual({
      state: 'S',
      ppid: 5,
      pgid: 6,
      sid: 7,
      terminal: 0,
      start_ticks: 50914,
    })
    expect(parseProcStat('nonsense')).toBeNull()
    expect(parseProcStat(readFileSync('/proc/self/stat', 'latin1'))?.ppid).toBe(process.ppid)
  })

  it('from ps tells living processes from missing ones', () => {
    expect(readPsStartKey(process.pid)).toMatch(/\d\d:\d\d:\d\d \d{4}$/)
    expect(readPsStartKey(2 ** 22 + 1)).toBeNull()
  })
})

describe('isAlive', () => {
  it('is false for a reused pid, a missing key and a zombie', async () => {
    const key = startKeyOf(process.pid)
    expect(isAlive({ pid: process.pid, started_key: key })).toBe(true)
    expect(isAlive({ pid: process.pid, started_key: `${key}1` })).toBe(false)
    expect(isAlive({ pid: process.pid, started_key: null })).toBe(false)
  })

  it.runIf(process.platform === 'linux')('counts a zombie as ended', async () => {
    // The shell becomes a program that never reaps the child that it inherited.
    const parent = spawn('/bin/sh', ['-c', 'sh -c "echo \\$\\$; read wait" <&3 & exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    })
    try {
      const [said] = (await once(parent.stdout!, 'data')) as [Buffer]
      const pid = Number(String(said))
      const identity = { pid, started_key: startKeyOf(pid) }
      expect(isAlive(identity)).toBe(true)
      process.kill(pid, 'SIGKILL')
      await until(() => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z '), 'the zombie')
      expect(isAlive(identity)).toBe(false)
    } finally {
      parent.kill('SIGKILL')
    }
  })
})

describe('watchProcess', () => {
  it('resolves when a process that is not our child is gone', async () => {
    const { start, path } = setup()
    await start(`sh -c 'sleep 60 & echo $! >${path('pid')}'`)
    const pid = Number(await until(() => readText(path('pid')).trim()))
    const gone = watchProcess({ pid, started_key: startKeyOf(pid) }, { interval_ms: 5 })
    process.kill(pid, 'SIGKILL')
    expect(await gone).toBe(true)
  })

  it('resolves to false when aborted, and to true at once for a process without a key', async () => {
    const abort = new AbortController()
    const watched = watchProcess(
      { pid: process.pid, started_key: startKeyOf(process.pid) },
      { signal: abort.signal },
    )
    abort.abort()
    expect(await watched).toBe(false)
    expect(await watchProcess({ pid: process.pid, started_key: null })).toBe(true)
  })
})

it('a host is identified by its machine and pid namespace, not by a name that changes', () => {
  const here = hostIdentity()
  expect(isThisHost(here)).toBe(true)
  expect(isThisHost(null)).toBe(false)
  expect(isThisHost(here.replace('pid:[', 'pid:[9'))).toBe(here === here.replace('pid:[', 'pid:[9'))
  expect(isThisHost(`other-machine${here}`)).toBe(false)
  if (!here.startsWith('/')) expect(isThisHost(`${here}-renamed`)).toBe(true)
})
