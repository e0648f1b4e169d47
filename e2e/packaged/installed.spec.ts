import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test as base, expect } from '@playwright/test'
import type { Worker } from '../../contract/index.ts'
import { Complaints } from '../complaints.ts'
import { findNextDeb, findPackage } from '../find-package.ts'
import { XServer } from '../x-server.ts'
import type { PackagedApp } from './packaged-app.ts'
import { User } from './user.ts'

const run = promisify(execFile)

const deb = findPackage('deb')
const next = findNextDeb()

/** @returns null if packages can be installed here without harm, else the reason */
function whyNotInstalled(): string | null {
  if (deb === null || next === null) return 'the packages have not been made'
  if (process.getuid?.() !== 0) return 'only root can install packages'
  if (spawnSync('apt-get', ['--version']).status !== 0) return 'this system has no apt'
  if (spawnSync('dpkg', ['--status', 'runboard']).status === 0)
    return 'a Runboard is installed, which would be removed'
  return null
}

const apt = (...words: string[]) =>
  run('apt-get', ['-qq', '-y', '-o', 'APT::Sandbox::User=root', ...words], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
const install = (file: string | null, ...words: string[]) =>
  apt('install', '--no-install-recommends', ...words, file ?? '')

/** The version of the installed package. */
const installed = async () =>
  (await run('dpkg-query', ['--show', '--showformat=${Version}', 'runboard'])).stdout

interface Fixtures {
  user: User
  complaints: Complaints
  /** Starts the app, which quits at the end of the test. */
  launch: () => Promise<PackagedApp>
}

const test = base.extend<Fixtures>({
  user: async ({ browserName: _ }, use) => {
    const screen = await XServer.start()
    const user = await User.create(screen.display)
    await use(user)
    await run('dpkg', ['--purge', 'runboard']) // for a test that failed: it may be gone
    await user.remove()
    await screen.stop()
  },

  complaints: async ({ browserName: _ }, use) => {
    const complaints = new Complaints()
    await use(complaints)
    expect(complaints.unexpected, 'errors in the window or the main process').toEqual([])
  },

  launch: async ({ complaints, user }, use) => {
    const started: PackagedApp[] = []
    await use(async () => {
      const app = await user.startApp(complaints)
      started.push(app)
      return app
    })
    for (const app of started) await app.quit()
  },
})

test.skip(whyNotInstalled() !== null, whyNotInstalled() ?? '')

test('the deb is installed by apt, upgraded under a running worker, and removed without the boards', async ({
  launch,
  user,
}) => {
  test.setTimeout(240_000)
  const runboard = (...words: string[]) => user.run('runboard', ...words)
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  await apt('update')
  await install(deb)

  expect(await runboard('--version')).toBe(version)
  await runboard('init', '--name', 'work')
  const line =
    'echo begun; while [ -d ~ ] && [ ! -e ~/go ]; do sleep 0.1; done; runboard complete --summary "Late, but done"'
  await runboard('profiles', 'add', 'late', '--shell', line)
  const before = await launch()
  const id = await runboard('create', 'Outlive the upgrade', '--assignee', 'late')
  await expect(before.board.cardIn('Running', 'Outlive the upgrade')).toBeVisible()
  const worker = async () => {
    const { workers } = JSON.parse(await runboard('workers', '--json')) as { workers: Worker[] }
    return workers.map(({ task_id, worker_pid, alive }) => ({ task_id, worker_pid, alive }))
  }
  const started = await worker()
  expect(started).toEqual([{ task_id: id, worker_pid: expect.any(Number), alive: true }])

  await install(next)
  await before.quit()
  expect(await installed()).not.toBe(version)
  const after = await launch()
  await expect(after.board.cardIn('Running', 'Outlive the upgrade')).toBeVisible()
  expect(await worker()).toEqual(started)
  const board = join(user.boards, 'boards/work')
  expect(readdirSync(join(board, 'backups'))).toEqual([expect.stringMatching(/-migration\.db$/)])
  await user.run('touch', 'go')
  await expect(after.board.cardIn('Done', 'Outlive the upgrade')).toBeVisible()
  expect(JSON.parse(await runboard('runs', id, '--json'))).toMatchObject({
    runs: [{ attempt: 1, outcome: 'completed', summary: 'Late, but done' }],
  })
  await after.quit()

  // The version before refuses the migrated board.
  await install(deb, '--allow-downgrades')
  expect(await installed()).toBe(version)
  await expect(runboard('list')).rejects.toThrow('This board was written by a newer Runboard')

  await apt('remove', 'runboard')
  expect(existsSync('/usr/bin/runboard')).toBe(false)
  expect(existsSync('/opt/Runboard')).toBe(false)
  expect(existsSync(join(board, 'board.db'))).toBe(true)
})
