import { describe, expect, it, onTestFinished } from 'vitest'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git } from './git.ts'
import { startKeyOf } from '../process/identity.ts'
import { fixture, repository } from '../../testing/worker-workspace.ts'

/** Not counting processes that have ended and were not reaped yet. */
function isRunning(pid: number): boolean {
  return startKeyOf(pid) !== null && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
}

describe('git', () => {
  it('fails with git’s own message as a sentence', async () => {
    const { project } = repository()
    await expect(git(project, ['rev-parse', '--verify', 'nothing'])).rejects.toThrow(
      `git rev-parse failed in ${project}: Needed a single revision.`,
    )
  })

  it('reads a list of paths of more than 64 MB', async () => {
    const { project } = repository()
    const folder = Array.from({ length: 15 }, () => 'f'.repeat(255)).join('/')
    const blob = (await git(project, ['hash-object', '-w', '--stdin'], { input: 'x\n' })).trim()
    const names = Array.from({ length: 18_000 }, (_, n) => `100644 ${blob}\t${folder}/${n}\0`)
    await git(project, ['update-index', '-z', '--index-info'], { input: names.join('') })
    const listed = await git(project, ['ls-files', '-z'])
    expect(listed.length).toBeGreaterThan(64 * 1024 * 1024)
    expect(listed.split('\0').filter((path) => path.startsWith(folder))).toHaveLength(18_000)
    // Other output is still limited.
    await expect(git(project, ['ls-files'])).rejects.toThrow(/^git ls-files printed more than 64 MB in /)
  })

  it('is ended when it takes too long', async () => {
    const { project } = repository()
    const slow = ['-c', 'alias.slow=!sleep 60', 'slow']
    await expect(git(project, slow, { timeout_ms: 50 })).rejects.toThrow(/took longer than 0.05 s/)
  })

  it('X13: is ended with its hook when the hook hangs, and leaves the repository usable', async () => {
    const { project, path } = repository()
    const hooks_path = path('hooks')
    mkdirSync(hooks_path)
    const pidFile = path('pid')
    const hook = `#!/bin/sh\ntrap '' TERM\nsleep 1000 &\necho $$ $! > '${pidFile}'\nwait\nsleep 1000\n`
    writeFileSync(join(hooks_path, 'pre-commit'), hook, { mode: 0o755 })
    const commit = [
      ...['-c', 'user.name=P', '-c', 'user.email=p@example.com'],
      'commit',
      '--allow-empty',
      '-m',
      'x',
    ]
    const committing = git(project, commit, { hooks_path, timeout_ms: 1_500 })
    await expect(committing).rejects.toMatchObject({
      timed_out: true,
      message: expect.stringContaining('was stopped with all that it had started') as string,
    })
    const pids = readFileSync(pidFile, 'utf8').trim().split(' ').map(Number)
    expect(pids).toHaveLength(2)
    expect(pids.map((pid) => isRunning(pid))).toEqual([false, false])
    expect(existsSync(join(project, '.git/index.lock'))).toBe(false)
    await git(project, [...commit])
  })

  it('X13: returns when git ends, even if a process left by a hook holds its output', async () => {
    const { project, path } = repository()
    const hooks_path = path('hooks')
    mkdirSync(hooks_path)
    writeFileSync(join(hooks_path, 'post-commit'), `#!/bin/sh\nsleep 1000 &\necho $! > '${path('pid')}'\n`, {
      mode: 0o755,
    })
    const commit = [
      ...['-c', 'user.name=P', '-c', 'user.email=p@example.com'],
      'commit',
      '--allow-empty',
      '-m',
      'x',
    ]
    await git(project, commit, { hooks_path, timeout_ms: 60_000 })
    process.kill(Number(readFileSync(path('pid'), 'utf8')), 'SIGKILL')
    expect((await git(project, ['log', '-1', '--format=%s'])).trim()).toBe('x')
  })

  it('says when it is not installed', async () => {
    const { path } = fixture()
    const before = process.env['PATH']
    process.env['PATH'] = path('.')
    onTestFinished(() => {
      process.env['PATH'] = before
    })
    await expect(git(path('.'), ['status'])).rejects.toThrow('git is not installed, or not on the PATH.')
  })
})
