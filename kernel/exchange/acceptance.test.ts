import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { setup, temporaryFolder } from '../testing/setup.ts'

async function exported() {
  const bundle = await setup()
  const folder = temporaryFolder()
  await bundle.call('profile.add', { name: 'coder', shell: 'echo hello', completion: 'exit-code' })
  const { id } = await bundle.create({
    title: 'Run me',
    assignee: 'coder',
    verify_command: 'touch /tmp/owned',
    workspace: `dir:${folder}`,
  })
  const file = join(temporaryFolder(), 'board.json')
  await bundle.call('exchange.export', { out: file })
  const there = { ...bundle.person, board: 'in' }
  return { ...bundle, id, file, folder, there }
}

describe('X8: a board from a file', () => {
  it('starts paused, and lists what it would run', async () => {
    const { kernel, person, file, id, folder, there } = await exported()

    const done = await kernel.call('exchange.import_json', { path: file, slug: 'in' }, person)

    expect(done).toMatchObject({
      unaccepted: true,
      would_run: [
        { kind: 'profile', text: 'coder (1 task): echo hello', task_id: null },
        { kind: 'check', text: 'touch /tmp/owned', task_id: id },
        { kind: 'workspace', text: `dir:${folder}`, task_id: id },
      ],
      would_run_total: 3,
    })
    const { board } = await kernel.call('board.show', {}, there)
    expect(board).toMatchObject({ unaccepted: true, settings: { paused: true } })
    const dispatched = await kernel.call('dispatcher.dispatch', {}, there)
    expect(dispatched.claimed).toEqual([])
    const { why } = await kernel.call('task.why', { id }, there)
    expect(why).toMatchObject({ gate: 'paused', action: 'boards accept in' })
  })

  it('runs nothing before a person accepts it: a worker cannot accept it, and no check runs', async () => {
    const { kernel, person, file, id, there, create, claim } = await exported()
    await kernel.call('exchange.import_json', { path: file, slug: 'in' }, person)
    const { worker } = await claim((await create()).id)
    const byWorker = { ...worker, board: 'in' }
    for (const call of [
      () => kernel.call('board.accept', { slug: 'in' }, byWorker),
      () => kernel.call('dispatcher.resume', {}, byWorker),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    }
    await kernel.call('task.claim', { id }, there)
    const checked = kernel.call('task.complete', { id }, there)
    await expect(checked).rejects.toMatchObject({ code: 'CONFLICT', data: { unaccepted: true } })

    const accepted = await kernel.call('board.accept', { slug: 'in' }, person)

    expect(accepted).toMatchObject({ board: 'in', accepted: true })
    const { board } = await kernel.call('board.show', {}, there)
    expect(board).toMatchObject({ unaccepted: false, settings: { paused: false } })
    expect((await kernel.call('board.accept', { slug: 'in' }, person)).accepted).toBe(false)
  })

  it('is accepted by a person who resumes it: the import has shown what it would run', async () => {
    const { kernel, person, file, there } = await exported()
    await kernel.call('exchange.import_json', { path: file, slug: 'in' }, person)
    await kernel.call('dispatcher.resume', {}, there)
    const { board } = await kernel.call('board.show', {}, there)
    expect(board).toMatchObject({ unaccepted: false, settings: { paused: false } })
  })

  it('needs acceptance even if it fills an empty board, or claims to have been accepted', async () => {
    const { kernel, person, file, there } = await exported()
    await kernel.call('board.create', { slug: 'in' }, person)
    await kernel.call('exchange.import_json', { path: file, slug: 'in' }, person)
    expect((await kernel.call('board.show', {}, there)).board.unaccepted).toBe(true)
  })

  it('needs acceptance after a restore of another board’s backup, but not of its own', async () => {
    const { kernel, call, person, there } = await exported()
    await kernel.call('board.create', { slug: 'in' }, person)
    const out = join(temporaryFolder(), 'copy.db')
    const { path } = await call('backup.create', { out })
    const own = await call('backup.restore', { slug: 'test', path })
    expect(own.unaccepted).toBe(false)
    const foreign = await kernel.call('backup.restore', { slug: 'in', path }, person)
    expect(foreign.unaccepted).toBe(true)
    expect((await kernel.call('board.show', {}, there)).board.settings.paused).toBe(true)
    expect((await kernel.call('board.show', {}, { ...person, board: 'test' })).board.unaccepted).toBe(false)
  })
})
