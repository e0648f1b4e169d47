import { expect, it } from 'vitest'
import { queryWith } from './saved-views.svelte.ts'

it('a chosen view replaces the filter, and leaves the layout as it is', () => {
  const query = { layout: 'list', sort: '-cost', q: 'oil', profile: 'smith' }
  const filter = { q: 'oil', profile: 'smith', failed: '' }
  expect(queryWith(query, filter, { query: { failed: '1', q: 'door' } })).toEqual({
    layout: 'list',
    sort: '-cost',
    q: 'door',
    failed: '1',
  })
})
