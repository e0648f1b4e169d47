import { describe, expect, it } from 'vitest'
import type { BoardEvent, OperationInput } from '../contract/index.ts'
import { openKernel } from './kernel.ts'
import { cleanUp, type Setup, setup } from './testing/setup.ts'

/** Follows the board; `take` gives the next events, as many as asked for. */
function follow({ kernel, person }: Setup, input: OperationInput<'event.watch'> = {}) {
  const leaving = new AbortController()
  const events = kernel.stream('event.watch', input, person, leaving.signal)[Symbol.asyncIterator]()
  cleanUp(() => leaving.abort())
  return {
    leave: () => leaving.abort(),
    next: () => events.next(),
    take: async (count: number): Promise<BoardEvent[]> => {
      const taken: BoardEvent[] = []
      while (taken.length < count) {
        const { value, done } = await events.next()
        if (done === true) break
        taken.push(value)
      }
      return taken
    },
  }
}

describe('a stream of events', () => {
  it('begins with what happens from now on, or after its cursor', async () => {
    const bundle = await setup()
    const before = await bundle.create('Before')
    const { cursor } = await bundle.call('board.view', {})
    const fromNow = follow(bundle)
    const first = fromNow.take(1)
    const after = await bundle.create('After')

    expect((await first).map((event) => event.task_id)).toEqual([after.id])
    expect((await follow(bundle, { since: 0 }).take(2)).map((event) => event.task_id)).toEqual([
      before.id,
      after.id,
    ])
    expect((await follow(bundle, { since: cursor }).take(1)).map((event) => event.task_id)).toEqual([
      after.id,
    ])
  })

  it('tells what another process writes', async () => {
    const bundle = await setup()
    const other = openKernel({ home: bundle.home, env: {} })
    cleanUp(() => other.close())
    const following = follow(bundle)
    const next = following.take(2)

    const { task } = await other.call('task.create', { title: 'From elsewhere' }, bundle.person)
    await other.call('task.archive', { id: task.id }, bundle.person)

    expect((await next).map(({ kind, task_id }) => [kind, task_id])).toEqual([
      ['created', task.id],
      ['archived', task.id],
    ])
  })

  it('keeps to its task, kinds, assignee and tenant', async () => {
    const bundle = await setup()
    const one = await bundle.create({ assignee: 'coder', tenant: 'acme' })
    const two = await bundle.create({ assignee: 'tester' })
    for (const { id } of [one, two]) {
      await bundle.call('comment.add', { id, body: 'Hi' })
      await bundle.call('task.hold', { id })
    }
    const told = async (input: OperationInput<'event.watch'>, count: number) =>
      (await follow(bundle, { since: 0, ...input }).take(count)).map(({ kind, task_id }) => [task_id, kind])

    expect(await told({ task_id: two.id }, 3)).toEqual([
      [two.id, 'created'],
      [two.id, 'commented'],
      [two.id, 'held'],
    ])
    expect(await told({ kinds: ['held,commented'], assignee: 'coder' }, 2)).toEqual([
      [one.id, 'commented'],
      [one.id, 'held'],
    ])
    expect(await told({ tenant: 'acme', kinds: ['held'] }, 1)).toEqual([[one.id, 'held']])
  })

  it('ends when its reader leaves, and when the kernel closes', async () => {
    const bundle = await setup()
    const [left, closed] = [follow(bundle), follow(bundle)]
    const ends = [left.next(), closed.next()]

    left.leave()
    await bundle.kernel.close()

    expect(await Promise.all(ends)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
  })

  it('of a kind that there is not is refused with the kinds there are', async () => {
    const bundle = await setup()

    await expect(follow(bundle, { kinds: ['sneezed'] }).next()).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  it('misses nothing and repeats nothing while the board is busy', async () => {
    const bundle = await setup({ inMemory: true })
    const following = follow(bundle)
    const first = following.take(1)
    const ids: string[] = []
    for (let n = 0; n < 50; n++)
      ids.push((await bundle.kernel.call('task.create', { title: `${n}` }, bundle.person)).task.id)

    const told = [...(await first), ...(await following.take(49))]

    expect(told.map((event) => event.task_id)).toEqual(ids)
  })
})
