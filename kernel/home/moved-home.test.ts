import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openKernel } from '../kernel.ts'
import { makeRepository } from '../testing/repository.ts'
import { REPORTER, setupWorkers, type WorkerSetup } from '../testing/workers.ts'
import { cleanUp, temporaryFolder } from '../testing/setup.ts'

/** The same person on the home at another path. */
function openAt(home: string, { person, reports }: WorkerSetup) {
  const kernel = openKernel({
    home,
    env: { PATH: process.env['PATH'] },
    cli: REPORTER,
    report: (message, cause) => reports.push({ message, cause }),
  })
  cleanUp(() => kernel.close())
  return { call: ((name, input) => kernel.call(name, input, person)) as WorkerSetup['call'] }
}

/** A task whose first attempt left a file in its workspace and a line in its log. */
async function withOneAttempt(workspace?: string) {
  const bundle = await setupWorkers()
  const { profile, create, drain } = bundle
  await profile('worker', 'echo made >>made.txt; wc -l <made.txt', { completion: 'exit-code' })
  const { id } = await create({ assignee: 'worker', ...(workspace === undefined ? {} : { workspace }) })
  await drain()
  return { ...bundle, id }
}

async function again(call: WorkerSetup['call'], id: string) {
  const first = await call('task.log', { id, attempt: 1 })
  await call('task.reopen', { id })
  await call('dispatcher.dispatch', { wait: true })
  const { runs } = await call('task.runs', { id })
  return { log: first.content.trim(), runs }
}

it.each([
  ['moved', (from: string, to: string) => renameSync(from, to)],
  ['copied', (from: string, to: string) => cpSync(from, to, { recursive: true })],
])('a home that is %s keeps its logs and workspaces', async (_, put) => {
  const bundle = await withOneAttempt()
  const { home, kernel, id, board } = bundle
  await kernel.close()
  board.close()
  const elsewhere = join(temporaryFolder(), 'elsewhere')
  put(home, elsewhere)

  const { log, runs } = await again(openAt(elsewhere, bundle).call, id)

  expect(log).toBe('1')
  expect(runs.map(({ summary }) => summary)).toEqual(['1', '2'])
  for (const { log_path, workspace_path } of runs) {
    expect(log_path).toContain(`${elsewhere}/boards/test/logs/`)
    expect(workspace_path).toBe(`${elsewhere}/boards/test/workspaces/${id}`)
  }
})

it('a home reached by another name counts as not moved', async () => {
  const bundle = await withOneAttempt()
  const { home, kernel, id } = bundle
  await kernel.close()
  const link = join(temporaryFolder(), 'link')
  symlinkSync(home, link)

  const { runs } = await again(openAt(link, bundle).call, id)

  expect(runs.map(({ workspace_path }) => workspace_path)).toEqual(
    [1, 2].map(() => `${home}/boards/test/workspaces/${id}`),
  )
})

it('a worktree that was moved along is found, with its uncommitted files', async () => {
  const bundle = await setupWorkers()
  const { home, kernel, person, profile, create, drain } = bundle
  const project = makeRepository(temporaryFolder()).folder
  await kernel.call('board.set', { slug: 'test', settings: { project_dir: project } }, person)
  await profile('worker', 'echo made >>made.txt; wc -l <made.txt', { completion: 'exit-code' })
  const { id } = await create({ assignee: 'worker', workspace: 'worktree' })
  await drain()
  await kernel.close()
  const elsewhere = join(temporaryFolder(), 'elsewhere')
  renameSync(home, elsewhere)

  const { runs } = await again(openAt(elsewhere, bundle).call, id)

  expect(runs.map(({ error, summary }) => error ?? summary)).toEqual(['1', '2'])
})

it('a folder that a person chose does not change', async () => {
  const folder = temporaryFolder()
  const bundle = await withOneAttempt(`dir:${folder}`)
  await bundle.kernel.close()
  const elsewhere = join(temporaryFolder(), 'elsewhere')
  renameSync(bundle.home, elsewhere)

  const { runs } = await again(openAt(elsewhere, bundle).call, bundle.id)

  expect(runs.map(({ workspace_path }) => workspace_path)).toEqual([folder, folder])
})

it('a home that is moved away while open is not recreated in its place', async () => {
  const home = temporaryFolder()
  const kernel = openKernel({ home })
  cleanUp(() => kernel.close())
  rmSync(home, { recursive: true })
  const person = { actor: 'ada', trigger: 'human' } as const

  await expect(kernel.call('task.create', { title: 'Lost' }, person)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining(home) as string,
  })

  expect(existsSync(home)).toBe(false)
  mkdirSync(home)
  writeFileSync(join(home, 'kept'), '')
  await kernel.call('task.create', { title: 'Found' }, person)
  expect(readdirSync(home).sort()).toEqual(['boards', 'kept'])
})

it('a home that cannot be created is refused, naming what is in its way', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), 'mine')

  expect(() => openKernel({ home: join(folder, 'file') })).toThrow(
    `${folder}/file cannot be made: a file is there`,
  )
  expect(() => openKernel({ home: join(folder, 'file', 'below') })).toThrow(/cannot be made: ENOTDIR/)
})
