import { expect, it } from 'vitest'
import { setup } from '../testing/setup.ts'

it('a view is saved, listed by name, replaced and deleted', async () => {
  const { call, refused, clock } = await setup()
  expect(await call('view.list', {})).toEqual({ views: [] })
  const { view } = await call('view.save', { name: ' Needs me ', query: { status: 'blocked' } })
  expect(view).toEqual({ name: 'Needs me', query: { status: 'blocked' }, created_at: clock.now })
  await call('view.save', { name: 'Ada’s', query: {} })
  clock.advance(5)
  await call('view.save', { name: 'Needs me', query: { q: 'login', status: 'review' } })
  expect((await call('view.list', {})).views.map(({ name, query }) => [name, query])).toEqual([
    ['Ada’s', {}],
    ['Needs me', { q: 'login', status: 'review' }],
  ])
  expect(await call('view.delete', { name: 'Needs me' })).toEqual({ deleted: 'Needs me' })
  await refused('NOT_FOUND', 'view.delete', { name: 'Needs me' })
})

it('each board has its own', async () => {
  const bundle = await setup()
  await bundle.call('board.create', { slug: 'other' })
  await bundle.call('view.save', { name: 'Here', query: {} })
  expect(await bundle.on('other').call('view.list', {})).toEqual({ views: [] })
})

it('refuses an invalid view', async () => {
  const { refused } = await setup()
  await refused('INVALID_INPUT', 'view.save', { name: ' ', query: {} })
  await refused('INVALID_INPUT', 'view.save', { name: 'x', query: { a: 1 } as never })
  await refused('INVALID_INPUT', 'view.save', { name: 'x', query: [] as never })
})
