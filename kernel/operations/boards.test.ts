import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openKernel } from '../kernel.ts'
import { taskIn } from '../testing/factories.ts'
import { makeRepository } from '../testing/repository.ts'
import { startProgram } from '../testing/processes.ts'
import { cleanUp, setup, temporaryFolder } from '../testing/setup.ts'

/** A kernel on a fresh home without boards. */
function emptyHome(env: Record<string, string> = {}) {
  const home = temporaryFolder()
  const kernel = openKernel({ home, env, clock: () => 1000, checkOutputs: true })
  cleanUp(() => kernel.close())
  return { home, kernel, anyone: { actor: 'ada', trigger: 'cli' } as const }
}

describe('which board a call goes to', () => {
  it('is the named one, else the environment’s, else the project’s, else the current one, else default', async () => {
    const { home, kernel, anyone } = emptyHome()
    const project = join(home, 'project')
    mkdirSync(join(project, 'deep', 'inner'), { recursive: true })
    const slugOf = async (options: { board?: string; env?: string; cwd?: string }) => {
      const other = openKernel({
        home,
        env: options.env === undefined ? {} : { RUNBOARD_BOARD: options.env },
      })
      cleanUp(() => other.close())
      return (await other.call('board.show', {}, { ...anyone, board: options.board, cwd: options.cwd })).board
        .slug
    }
    expect(await slugOf({})).toBe('default')
    for (const slug of ['named', 'from-env', 'current']) await kernel.call('board.create', { slug }, anyone)
    await kernel.call('board.create', { slug: 'outer', project_dir: project }, anyone)
    await kernel.call('board.create', { slug: 'inner', project_dir: join(project, 'deep') }, anyone)
    await kernel.call('board.switch', { slug: 'current' }, anyone)

    expect(await slugOf({ board: 'named', env: 'from-env', cwd: project })).toBe('named')
    expect(await slugOf({ env: 'from-env', cwd: project })).toBe('from-env')
    expect(await slugOf({ env: '', cwd: project })).toBe('outer')
    expect(await slugOf({ cwd: join(project, 'deep', 'inner') })).toBe('inner')
    expect(await slugOf({ cwd: `${project}-not` })).toBe('current')
    expect(await slugOf({ cwd: '/' })).toBe('current')
  })

  it('is refused when the named one is missing, or its name is not a slug', async () => {
    const { kernel, anyone } = emptyHome()

    await expect(kernel.call('task.list', { board: 'nope' }, anyone)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    for (const board of ['../etc', 'a/b', '', '-x', 'x'.repeat(65), 'ä', 'a b']) {
      const refused = kernel.call('task.list', {}, { ...anyone, board })
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    }
  })

  it('ignores upper case', async () => {
    const { kernel, anyone } = emptyHome()
    await kernel.call('board.create', { slug: 'MyBoard' }, anyone)

    expect((await kernel.call('board.show', { board: ' MYBOARD ' }, anyone)).board.slug).toBe('myboard')
  })

  it('is default again when the current one is gone', async () => {
    const { home, kernel, anyone } = emptyHome()
    writeFileSync(join(home, 'current'), 'vanished\n')

    expect((await kernel.call('board.show', {}, anyone)).board.slug).toBe('default')
  })
})

describe('boards', () => {
  it('are created once, with name, look and project folder', async () => {
    const { home, kernel, anyone } = emptyHome()
    const project_dir = join(home, 'project')
    mkdirSync(project_dir)

    const { board } = await kernel.call(
      'board.create',
      { slug: 'one', name: 'One', icon: '🚀', color: 'red', project_dir, switch: true },
      anyone,
    )

    expect(board).toMatchObject({
      slug: 'one',
      name: 'One',
      icon: '🚀',
      color: 'red',
      project_dir,
      current: true,
    })
    const again = kernel.call('board.create', { slug: 'one' }, anyone)
    await expect(again).rejects.toMatchObject({ code: 'CONFLICT' })
    const lost = kernel.call('board.create', { slug: 'two', project_dir: join(home, 'nowhere') }, anyone)
    await expect(lost).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await kernel.call('board.list', {}, anyone)).boards.map((one) => one.slug)).toEqual(['one'])
  })

  it('are switched, renamed and configured separately', async () => {
    const { home, kernel, anyone } = emptyHome()
    const project_dir = makeRepository(join(home, 'project')).folder
    await kernel.call('board.create', { slug: 'one', project_dir }, anyone)
    await kernel.call('board.create', { slug: 'two' }, anyone)
    await kernel.call('board.switch', { slug: 'two' }, anyone)
    await kernel.call('board.rename', { slug: 'one', name: 'Uno' }, anyone)
    const settings = {
      max_running: 2,
      failure_limit: 5,
      stale_after_seconds: 60,
      default_workspace: 'worktree',
    }
    await kernel.call('board.set', { slug: 'one', settings }, anyone)

    const { boards } = await kernel.call('board.list', {}, anyone)

    expect(boards.map(({ slug, name, current }) => ({ slug, name, current }))).toEqual([
      { slug: 'one', name: 'Uno', current: false },
      { slug: 'two', name: 'two', current: true },
    ])
    expect(boards[0]?.settings).toMatchObject(settings)
    expect(boards[1]?.settings).toMatchObject({ max_running: null, failure_limit: null })
    const { task } = await kernel.call('task.create', { title: 'x', board: 'one' }, anyone)
    expect(task.workspace_kind).toBe('worktree')
    await kernel.call('board.set', { slug: 'one', settings: { max_running: null } }, anyone)
    expect((await kernel.call('board.show', { board: 'one' }, anyone)).board.settings.max_running).toBeNull()
  })

  it.each([
    ['nothing', {}],
    ['a key that there is not', { colour: 'red' }],
    ['a limit of none', { max_running: 0 }],
    ['a limit that is not a number', { failure_limit: 'many' }],
    ['a relative project folder', { project_dir: 'src' }],
    ['a blank name', { name: ' ' }],
  ])('refuse %s', async (_name, settings) => {
    const { kernel, anyone } = emptyHome()
    await kernel.call('board.create', { slug: 'one' }, anyone)

    const refused = kernel.call('board.set', { slug: 'one', settings: settings as never }, anyone)
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('keep what a newer version wrote into board.json, and lose only the one invalid setting', async () => {
    const { home, kernel, anyone } = emptyHome()
    await kernel.call('board.create', { slug: 'one', name: 'One' }, anyone)
    const path = join(home, 'boards', 'one', 'board.json')
    const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    writeFileSync(
      path,
      JSON.stringify({ ...json, from_the_future: [1], max_running: 'five', failure_limit: 4 }),
    )

    const { board } = await kernel.call('board.rename', { slug: 'one', name: 'Uno' }, anyone)

    expect(board).toMatchObject({ name: 'Uno', settings: { max_running: null, failure_limit: 4 } })
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      from_the_future: [1],
      max_running: 'five',
    })
  })

  it('with an invalid board.json report it and leave the file unchanged', async () => {
    const { home, kernel, anyone } = emptyHome()
    await kernel.call('board.create', { slug: 'one' }, anyone)
    const path = join(home, 'boards', 'one', 'board.json')
    writeFileSync(path, '{ not json')

    await expect(kernel.call('board.show', { board: 'one' }, anyone)).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await expect(kernel.call('board.rename', { slug: 'one', name: 'x' }, anyone)).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    expect(readFileSync(path, 'utf8')).toBe('{ not json')
  })

  it('keep every setting when several processes write at once', async () => {
    const { kernel, home, person } = await setup({ clock: 'real' })
    const keys = ['max_running', 'failure_limit', 'stale_after_seconds']

    const ends = await Promise.all(keys.map((key) => startProgram('set-board.ts', [home, key, '100']).ended))

    expect(ends.map((end) => end.code)).toEqual([0, 0, 0])
    const { board } = await kernel.call('board.show', {}, person)
    expect(board.settings).toMatchObject({ max_running: 100, failure_limit: 100, stale_after_seconds: 100 })
  })

  it.each(['board.archive', 'board.delete'] as const)('refuse %s while a task runs on them', async (name) => {
    const bundle = await setup()
    const { id } = await taskIn(bundle, 'running')

    const error = await bundle.refused('CONFLICT', name, { slug: 'test' })

    expect(error.data).toMatchObject({ running: [id] })
  })

  it('are archived as a whole and deleted as a whole', async () => {
    const { home, kernel, anyone } = emptyHome()
    for (const slug of ['one', 'two']) await kernel.call('board.create', { slug, switch: true }, anyone)
    await kernel.call('task.create', { title: 'x', board: 'one' }, anyone)

    const { path } = await kernel.call('board.archive', { slug: 'one' }, anyone)
    await kernel.call('board.delete', { slug: 'two' }, anyone)

    expect(existsSync(join(path, 'board.db'))).toBe(true)
    expect(path.startsWith(join(home, 'boards', '_archived', 'one-'))).toBe(true)
    expect(existsSync(join(home, 'boards', 'two'))).toBe(false)
    expect((await kernel.call('board.list', {}, anyone)).boards).toEqual([])
    for (const name of ['board.archive', 'board.delete', 'board.switch'] as const) {
      await expect(kernel.call(name, { slug: 'one' }, anyone)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    await kernel.call('board.create', { slug: 'one' }, anyone)
    expect((await kernel.call('task.list', { board: 'one' }, anyone)).tasks).toEqual([])
  })

  it('removed by one process are gone for the others too', async () => {
    const { home, kernel, anyone } = emptyHome()
    await kernel.call('board.create', { slug: 'one' }, anyone)
    const other = openKernel({ home, env: {} })
    cleanUp(() => other.close())
    await other.call('task.create', { title: 'x', board: 'one' }, anyone)

    await kernel.call('board.delete', { slug: 'one' }, anyone)

    await expect(other.call('task.list', { board: 'one' }, anyone)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

it('calls on one board never reach another', async () => {
  const bundle = await setup()
  const { call, kernel, person, refused } = bundle
  await kernel.call('board.create', { slug: 'other' }, person)
  const other = bundle.on('other')
  const there = await other.create({ title: 'There', idempotency_key: 'k', assignee: 'coder' })
  const here = await bundle.create({ title: 'Here', idempotency_key: 'k' })
  const claimed = await other.claim(there.id)
  const before = other.inspector.dump()

  expect(here.id).not.toBe(there.id)
  await refused('NOT_FOUND', 'task.show', { id: there.id })
  await refused('NOT_FOUND', 'task.complete', { id: there.id })
  await refused('NOT_FOUND', 'link.add', { parent_id: there.id, child_id: here.id })
  await refused('NOT_FOUND', 'task.create', { title: 'x', parents: [there.id] })
  await refused('NOT_FOUND', 'run.show', { id: claimed.run.id })
  await call('dispatcher.pause', {})
  await call('task.archive', { id: here.id })

  expect(other.inspector.dump()).toEqual(before)
  expect((await other.call('board.show', {})).board.settings.paused).toBe(false)
})

describe('a damaged board', () => {
  it('is listed with its problem and does not affect other boards', async () => {
    const { home, call, kernel, person } = await setup()
    await call('profile.add', { name: 'coder', shell: 'true' })
    const folder = join(home, 'boards', 'broken')
    mkdirSync(folder)
    writeFileSync(join(folder, 'board.json'), JSON.stringify({ name: 'Broken', created_at: 1 }))
    writeFileSync(join(folder, 'board.db'), 'rubbish '.repeat(1000))

    const { boards } = await call('board.list', {})

    expect(boards.map(({ slug, name, problem }) => [slug, name, problem])).toEqual([
      ['broken', 'Broken', expect.stringContaining('board.db')],
      ['test', 'test', null],
    ])
    await call('profile.set', { name: 'coder', fields: { shell: 'false' } })
    await expect(
      kernel.call('task.list', { board: 'broken' }, { ...person, board: 'broken' }),
    ).rejects.toMatchObject({
      code: 'BOARD_DAMAGED',
    })
    expect(readFileSync(join(folder, 'board.db'), 'utf8')).toBe('rubbish '.repeat(1000))
  })
})

describe('the default workspace of a board', () => {
  it('must be one that a task can have', async () => {
    const { refused, call, slug, create } = await setup()
    const set = (default_workspace: string) => ({ slug, settings: { default_workspace } })
    const error = await refused('INVALID_INPUT', 'board.set', set('somewhere'))
    expect(error.message).toContain('default_workspace must be scratch, dir:PATH')
    await call('board.set', set('scratch'))
    expect((await create()).workspace_kind).toBe('scratch')
  })
})
