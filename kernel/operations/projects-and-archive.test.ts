import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OperationError } from '../../contract/index.ts'
import type { Kernel } from '../api.ts'
import { openKernel } from '../kernel.ts'
import { cleanUp, temporaryFolder } from '../testing/setup.ts'

const anyone = { actor: 'ada', trigger: 'cli' } as const

function emptyHome() {
  const home = temporaryFolder()
  const kernel = openKernel({ home, env: {}, clock: () => 1000, checkOutputs: true })
  cleanUp(() => kernel.close())
  const project = (name: string) => {
    const path = join(home, 'projects', name)
    mkdirSync(path, { recursive: true })
    return path
  }
  const boardsThere = () => {
    const folder = join(home, 'boards')
    return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('_')) : []
  }
  return { home, kernel, project, boardsThere }
}

async function refusedWith(promise: Promise<unknown>): Promise<OperationError> {
  return promise.then(
    (value) => {
      throw new Error(`not refused: ${JSON.stringify(value)}`)
    },
    (error: unknown) => error as OperationError,
  )
}

async function projects(kernel: Kernel) {
  const { boards } = await kernel.call('board.list', {}, anyone)
  return Object.fromEntries(boards.map(({ slug, project_dir }) => [slug, project_dir]))
}

describe('B1: init with a project', () => {
  const init = (kernel: Kernel, input: { project_dir?: string; name?: string; slug?: string }) =>
    kernel.call('board.init', input, anyone)

  it('makes one board per project, the first of them default, and switches to it', async () => {
    const { kernel, project } = emptyHome()
    const [a, b] = [project('a'), project('My App!')]

    const first = await init(kernel, { project_dir: a })
    const second = await init(kernel, { project_dir: b })

    expect(first.board).toMatchObject({ slug: 'default', name: 'a', project_dir: a, current: true })
    expect(second.board).toMatchObject({ slug: 'my-app', name: 'My App!', project_dir: b, current: true })
    expect(await projects(kernel)).toEqual({ default: a, 'my-app': b })
  })

  it('goes to the board of a project that has one, by any path', async () => {
    const { home, kernel, project } = emptyHome()
    const [a, b] = [project('a'), project('b')]
    await init(kernel, { project_dir: a })
    await init(kernel, { project_dir: b })
    symlinkSync(a, join(home, 'link'))
    symlinkSync(join(home, 'projects'), join(home, 'all'))

    for (const path of [a, `${a}/`, join(home, 'link'), join(home, 'all', 'a'), join(b, '..', 'a')]) {
      await kernel.call('board.switch', { slug: 'b' }, anyone)
      expect((await init(kernel, { project_dir: path })).board).toMatchObject({
        slug: 'default',
        current: true,
      })
    }
    expect(await projects(kernel)).toEqual({ default: a, b })
  })

  it('finds a free slug for folders with the same name, and for a name without a slug', async () => {
    const { kernel, project } = emptyHome()
    await init(kernel, { project_dir: project('first') })
    const slugs: string[] = []
    for (const name of ['x/app', 'y/app', 'z/APP', 'ü', '日本', 'default', `${'long'.repeat(30)}`]) {
      slugs.push((await init(kernel, { project_dir: project(name) })).board.slug)
    }
    expect(slugs).toEqual(['app', 'app-2', 'app-3', 'u', 'board', 'default-2', 'long'.repeat(16)])
  })

  it('gives the project to default only if default has none', async () => {
    const { kernel, project } = emptyHome()
    await init(kernel, {})
    const a = project('a')
    expect((await init(kernel, { project_dir: a })).board.slug).toBe('default')
    expect((await init(kernel, {})).board).toMatchObject({ slug: 'default', project_dir: a })
  })

  it.each([{ name: 'Work' }, { slug: 'work' }])('never changes the project of %j', async (named) => {
    const { kernel, project } = emptyHome()
    const [a, b] = [project('a'), project('b')]
    await init(kernel, { ...named, project_dir: a })

    const error = await refusedWith(init(kernel, { ...named, project_dir: b }))

    expect(error.code).toBe('CONFLICT')
    expect(error.message).toContain(`runboard boards set work --project ${b}`)
    expect(await projects(kernel)).toEqual({ work: a })
    expect((await init(kernel, { ...named, project_dir: a })).board.project_dir).toBe(a)
    await kernel.call('board.set', { slug: 'work', settings: { project_dir: b } }, anyone)
    expect(await projects(kernel)).toEqual({ work: b })
  })

  it('makes no second board for a folder; create does, and the current one of the two is used there', async () => {
    const { kernel, project } = emptyHome()
    const a = project('a')
    await init(kernel, { project_dir: a })

    const error = await refusedWith(init(kernel, { name: 'Second', project_dir: a }))

    expect(error).toMatchObject({ code: 'CONFLICT', data: { board: 'default' } })
    await kernel.call('board.create', { slug: 'second', project_dir: a }, anyone)
    const used = async () => (await kernel.call('board.show', {}, { ...anyone, cwd: a })).board.slug
    expect(await used()).toBe('default')
    await kernel.call('board.switch', { slug: 'second' }, anyone)
    expect(await used()).toBe('second')
    expect((await init(kernel, { project_dir: a })).board.slug).toBe('second')
  })

  it('treats a folder inside a project as a project of its own', async () => {
    const { kernel, project } = emptyHome()
    const [outer, inner] = [project('mono'), project('mono/packages/api')]
    await init(kernel, { project_dir: outer })
    expect((await init(kernel, { project_dir: inner })).board.slug).toBe('api')
    const there = await kernel.call('board.show', {}, { ...anyone, cwd: inner })
    expect(there.board.slug).toBe('api')
  })

  it('refuses a project that is a file or does not exist', async () => {
    const { home, kernel, boardsThere } = emptyHome()
    writeFileSync(join(home, 'file'), '')
    for (const path of [join(home, 'file'), join(home, 'none')]) {
      expect(await refusedWith(init(kernel, { project_dir: path }))).toMatchObject({ code: 'CONFLICT' })
    }
    expect(boardsThere()).toEqual([])
  })
})

describe('B2: an archived board', () => {
  it('is restored with everything in it', async () => {
    const { home, kernel } = emptyHome()
    await kernel.call('board.create', { slug: 'one', name: 'One' }, anyone)
    await kernel.call('board.create', { slug: 'two' }, anyone)
    const { task } = await kernel.call('task.create', { title: 'Kept', board: 'one' }, anyone)
    const { path } = await kernel.call('board.archive', { slug: 'one' }, anyone)

    const { boards } = await kernel.call('board.list', { archived: true }, anyone)
    expect(boards).toMatchObject([
      { slug: 'one', name: 'One', archived: true, path, counts: { ready: 1 }, problem: null },
    ])
    expect((await kernel.call('board.list', {}, anyone)).boards.map(({ slug }) => slug)).toEqual(['two'])

    const { board } = await kernel.call('board.restore', { name: 'one' }, anyone)
    expect(board).toMatchObject({ slug: 'one', name: 'One', archived: false, counts: { ready: 1 } })
    expect((await kernel.call('task.show', { id: task.id, board: 'one' }, anyone)).task.title).toBe('Kept')
    expect((await kernel.call('board.list', { archived: true }, anyone)).boards).toEqual([])
    expect(readdirSync(join(home, 'boards', '_archived'))).toEqual([])
  })

  it('asks for another slug if its own is taken, and for its name if there are several', async () => {
    const { kernel } = emptyHome()
    for (const title of ['First', 'Second']) {
      await kernel.call('board.create', { slug: 'one' }, anyone)
      await kernel.call('task.create', { title, board: 'one' }, anyone)
      await kernel.call('board.archive', { slug: 'one' }, anyone)
    }
    const several = await refusedWith(kernel.call('board.restore', { name: 'one' }, anyone))
    expect(several.code).toBe('CONFLICT')
    const [first = ''] = several.data?.['archived'] as string[]
    await kernel.call('board.restore', { name: first }, anyone)
    const taken = await refusedWith(kernel.call('board.restore', { name: 'one' }, anyone))
    expect(taken).toMatchObject({ code: 'CONFLICT', data: { board: 'one' } })
    expect(taken.message).toContain('--as')
    await kernel.call('board.restore', { name: 'one', slug: 'again' }, anyone)

    const titles = async (board: string) =>
      (await kernel.call('task.list', { board }, anyone)).tasks.map(({ title }) => title)
    expect([await titles('one'), await titles('again')]).toEqual([['First'], ['Second']])
    const none = await refusedWith(kernel.call('board.restore', { name: 'nope' }, anyone))
    expect(none.code).toBe('NOT_FOUND')
  })

  it('can be archived and deleted although its file is damaged', async () => {
    const { home, kernel, boardsThere } = emptyHome()
    for (const slug of ['one', 'two']) {
      await kernel.call('board.create', { slug }, anyone)
      rmSync(join(home, 'boards', slug, 'board.db'))
    }
    await kernel.call('board.archive', { slug: 'one' }, anyone)
    await kernel.call('board.delete', { slug: 'two' }, anyone)
    expect(boardsThere()).toEqual([])
  })
})

describe('B3: without a chosen board', () => {
  it('reading creates none: a fresh home answers like an empty board', async () => {
    const { kernel, boardsThere } = emptyHome()
    expect((await kernel.call('task.list', {}, anyone)).tasks).toEqual([])
    expect((await kernel.call('board.view', {}, anyone)).board.slug).toBe('default')
    expect((await kernel.call('stats.show', {}, anyone)).runs_open).toBe(0)
    expect((await kernel.call('board.list', {}, anyone)).boards).toEqual([])
    expect(await refusedWith(kernel.call('exchange.export', {}, anyone))).toMatchObject({ code: 'NOT_FOUND' })
    expect(boardsThere()).toEqual([])

    await kernel.call('task.create', { title: 'First' }, anyone)
    expect(boardsThere()).toEqual(['default'])
    expect((await kernel.call('task.list', {}, anyone)).tasks).toHaveLength(1)
  })

  it('says so, and how to choose one, if there were boards before', async () => {
    const { kernel, boardsThere } = emptyHome()
    for (const slug of ['one', 'two']) await kernel.call('board.create', { slug, switch: true }, anyone)
    await kernel.call('board.archive', { slug: 'two' }, anyone)

    for (const call of [
      () => kernel.call('task.list', {}, anyone),
      () => kernel.call('task.create', { title: 'Where?' }, anyone),
    ]) {
      const error = await refusedWith(call())
      expect(error).toMatchObject({ code: 'NOT_FOUND', data: { boards: ['one'] } })
      expect(error.message).toContain('runboard boards switch SLUG')
    }
    expect(boardsThere()).toEqual(['one'])
    await kernel.call('board.archive', { slug: 'one' }, anyone)
    const error = await refusedWith(kernel.call('task.list', {}, anyone))
    expect(error.message).toContain('runboard boards restore')
    await kernel.call('board.restore', { name: 'one' }, anyone)
    expect((await kernel.call('board.show', {}, anyone)).board).toMatchObject({ slug: 'one', current: true })
  })

  it('the first board of a home is the current one', async () => {
    const { kernel } = emptyHome()
    await kernel.call('board.create', { slug: 'one' }, anyone)
    await kernel.call('board.create', { slug: 'two' }, anyone)
    expect((await kernel.call('board.show', {}, anyone)).board.slug).toBe('one')
  })
})

describe('X12: unreadable settings of one board', () => {
  const broken: [string, (path: string) => void][] = [
    ['half of them', (path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 20))],
    ['an empty file', (path) => writeFileSync(path, '')],
    ['text', (path) => writeFileSync(path, 'my notes')],
    ['null', (path) => writeFileSync(path, 'null')],
    ['a list', (path) => writeFileSync(path, '[1]')],
    [
      'a folder',
      (path) => {
        rmSync(path)
        mkdirSync(path)
      },
    ],
    [
      'a link to itself',
      (path) => {
        rmSync(path)
        symlinkSync(path, path)
      },
    ],
  ]

  it.each(broken)('%s: that board reports it, all others work', async (_what, breakIt) => {
    const { home, kernel, project } = emptyHome()
    const a = project('a')
    await kernel.call('board.create', { slug: 'good', project_dir: a, switch: true }, anyone)
    await kernel.call('board.create', { slug: 'bad' }, anyone)
    await kernel.call('task.create', { title: 'Kept', board: 'bad' }, anyone)
    const path = join(home, 'boards', 'bad', 'board.json')
    breakIt(path)

    const { boards } = await kernel.call('board.list', {}, anyone)
    expect(boards.map(({ slug, problem }) => [slug, problem])).toEqual([
      ['bad', expect.stringContaining(path)],
      ['good', null],
    ])
    for (const caller of [anyone, { ...anyone, cwd: a }, { ...anyone, board: 'good' }]) {
      await kernel.call('task.create', { title: 'Works' }, caller)
      expect((await kernel.call('board.view', {}, caller)).board.slug).toBe('good')
    }
    const error = await refusedWith(kernel.call('task.list', {}, { ...anyone, board: 'bad' }))
    expect(error).toMatchObject({ code: 'CONFLICT', data: { path } })
    expect(error.message).toContain('move it away')
    const { ok, checks } = await kernel.call('doctor.run', {}, anyone)
    expect(ok).toBe(false)
    expect(checks.filter((check) => !check.ok)).toMatchObject([{ name: 'settings', board: 'bad' }])

    rmSync(path, { recursive: true })
    expect((await kernel.call('task.list', { board: 'bad' }, anyone)).tasks).toHaveLength(1)
    await kernel.call('board.rename', { slug: 'bad', name: 'Mended' }, anyone)
    expect((await kernel.call('board.list', {}, anyone)).boards[0]).toMatchObject({
      name: 'Mended',
      problem: null,
    })
  })

  it.each([
    ['config.json', 'half { of'],
    ['config.json', ''],
    ['config.json', '[]'],
    ['config.json', '{"profiles": 5, "settings": []}'],
    ['current', '\0\0'],
    ['current', '../../etc'],
  ])('a %s that holds %j does not block the boards', async (name, text) => {
    const { home, kernel } = emptyHome()
    await kernel.call('board.create', { slug: 'good' }, anyone)
    writeFileSync(join(home, name), text)
    const caller = { ...anyone, board: 'good' }
    const { task } = await kernel.call('task.create', { title: 'Works', assignee: 'coder' }, caller)
    const detail = await kernel.call('task.show', { id: task.id }, caller)
    if (name === 'config.json') expect(detail.why?.sentence).toContain('config.json')
    expect((await kernel.call('task.list', {}, caller)).tasks).toHaveLength(1)
    expect((await kernel.call('doctor.run', {}, anyone)).ok).toBe(false)
    expect(readFileSync(join(home, name), 'utf8')).toBe(text)
    if (name === 'current') {
      await kernel.call('board.switch', { slug: 'good' }, anyone)
      expect((await kernel.call('board.show', {}, anyone)).board.slug).toBe('good')
    } else {
      const change = kernel.call('profile.add', { name: 'coder', shell: 'true' }, anyone)
      expect(await refusedWith(change)).toMatchObject({ code: 'CONFLICT' })
      expect(readFileSync(join(home, name), 'utf8')).toBe(text)
    }
  })
})
