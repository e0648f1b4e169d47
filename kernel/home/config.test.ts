import { existsSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { startProgram } from '../testing/processes.ts'
import { cleanUp, setup, temporaryFolder } from '../testing/setup.ts'
import { withLockFile } from './lock-file.ts'

describe('config.json', () => {
  it('keeps every profile when several processes add them at once, and unknown keys', async () => {
    const { kernel, home, person } = await setup({ clock: 'real' })
    const path = join(home, 'config.json')
    writeFileSync(path, JSON.stringify({ theme: { dark: true }, profiles: {}, settings: { mine: 1 } }))
    const names = ['a', 'b', 'c', 'd']

    const ends = await Promise.all(
      names.map((name) => startProgram('set-profiles.ts', [home, name, '25']).ended),
    )

    expect(ends.map(({ code, output }) => ({ code, output }))).toEqual(
      names.map(() => ({ code: 0, output: '' })),
    )
    const { profiles } = await kernel.call('profile.list', {}, person)
    expect(profiles).toHaveLength(100)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      theme: { dark: true },
      settings: { mine: 1 },
    })
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(existsSync(`${path}.lock`)).toBe(false)
  })

  it('is read again when a person edits it', async () => {
    const { call, create, home } = await setup()
    const { id } = await create({ assignee: 'coder' })
    expect((await call('task.why', { id })).why).toMatchObject({ gate: 'unknown_profile' })

    writeFileSync(join(home, 'config.json'), JSON.stringify({ profiles: { coder: { shell: 'true' } } }))

    expect((await call('task.why', { id })).why).toMatchObject({ gate: 'no_dispatcher' })
  })

  it('with invalid JSON is left unchanged, and every call that needs it says so', async () => {
    const { call, home, refused } = await setup()
    const path = join(home, 'config.json')
    writeFileSync(path, '{ "profiles": ')

    const error = await refused('CONFLICT', 'profile.list', {})
    await refused('CONFLICT', 'profile.add', { name: 'coder', shell: 'true' })

    expect(error.message).toContain(path)
    expect(readFileSync(path, 'utf8')).toBe('{ "profiles": ')
    writeFileSync(path, '{}')
    await call('profile.add', { name: 'coder', shell: 'true' })
  })

  it('with an unusable profile says which and why, and the others work', async () => {
    const { call, create, home } = await setup()
    const profiles = { good: { shell: 'true' }, bad: { shell: 'true', max_concurrent: 'many' } }
    writeFileSync(join(home, 'config.json'), JSON.stringify({ profiles }))
    const { id } = await create({ assignee: 'bad' })

    expect((await call('profile.list', {})).profiles.map((profile) => profile.name)).toEqual(['good'])
    const { why } = await call('task.why', { id })
    expect(why).toMatchObject({ gate: 'unknown_profile' })
    expect(why?.sentence).toContain('max_concurrent')
  })
})

describe('a lock file', () => {
  it('admits one holder at a time, within a process too', async () => {
    const path = join(temporaryFolder(), 'x.lock')
    let inside = 0
    let most = 0
    const enter = () =>
      withLockFile(path, () => {
        most = Math.max(most, ++inside)
        inside--
      })

    await Promise.all(Array.from({ length: 20 }, enter))

    expect({ most, left: existsSync(path) }).toEqual({ most: 1, left: false })
  })

  it('is taken from a process that has died, and from one that has kept it far too long', async () => {
    const path = join(temporaryFolder(), 'x.lock')
    writeFileSync(path, '4194304')
    expect(await withLockFile(path, () => 'from the dead')).toBe('from the dead')

    writeFileSync(path, String(process.ppid))
    const past = Date.now() / 1000 - 11
    utimesSync(path, past, past)
    expect(await withLockFile(path, () => 'from the sleeping')).toBe('from the sleeping')

    // Made before the clock was set back.
    writeFileSync(path, String(process.ppid))
    const ahead = Date.now() / 1000 + 365 * 86_400
    utimesSync(path, ahead, ahead)
    expect(await withLockFile(path, () => 'from the future')).toBe('from the future')
  })

  it('is not taken from its holder, and is released when the body fails', async () => {
    const path = join(temporaryFolder(), 'x.lock')
    const fails = withLockFile(path, () => {
      throw new Error('no')
    })
    await expect(fails).rejects.toThrow('no')
    expect(existsSync(path)).toBe(false)
  })

  it('that was taken from us because we were slow is left to its new holder', async () => {
    const path = join(temporaryFolder(), 'x.lock')
    await withLockFile(path, () => {
      rmSync(path)
      writeFileSync(path, 'another')
    })
    expect(readFileSync(path, 'utf8')).toBe('another')
  })

  describe('held by other processes', () => {
    /** Others hold it, each for three seconds. @returns how long we waited for it, in milliseconds */
    async function waitFor(others: number): Promise<number> {
      const path = join(temporaryFolder(), 'x.lock')
      vi.useFakeTimers()
      cleanUp(() => void vi.useRealTimers())
      const began = Date.now()
      const hold = () => {
        writeFileSync(`${path}.new`, String(process.ppid))
        utimesSync(`${path}.new`, Date.now() / 1000, Date.now() / 1000)
        renameSync(`${path}.new`, path)
      }
      hold()
      const waiting = withLockFile(path, () => Date.now() - began)
      const seen = waiting.catch(() => undefined)
      for (let other = 1; other <= others; other++) {
        await vi.advanceTimersByTimeAsync(3_000)
        if (other < others) hold()
      }
      rmSync(path)
      await vi.advanceTimersByTimeAsync(3_000)
      await seen
      return waiting
    }

    it('in turn is waited for', async () => {
      expect(await waitFor(5)).toBeGreaterThanOrEqual(15_000)
    })

    it('and not released is BUSY', async () => {
      const path = join(temporaryFolder(), 'x.lock')
      vi.useFakeTimers()
      cleanUp(() => void vi.useRealTimers())
      writeFileSync(path, String(process.ppid))
      const refused = expect(withLockFile(path, () => 'in')).rejects.toMatchObject({ code: 'BUSY' })
      await vi.advanceTimersByTimeAsync(6_000)
      await refused
      expect(existsSync(path)).toBe(true)
    })
  })
})
