import { expect, it } from 'vitest'
import type { Client } from '../../contract/index.ts'
import type { OpenBoard } from '../shared/context.ts'
import { RecentRuns } from './recent-runs.svelte.ts'
import { NO_FILTER } from './runs-filter.ts'

it('reads the newest runs once when it is first shown', async () => {
  let reads = 0
  const list = () => {
    reads++
    return Promise.resolve({ runs: [], next: null })
  }
  const feed = { subscribe: () => () => undefined, onReconnect: () => () => undefined }
  const recent = new RecentRuns(
    { run: { list } } as unknown as Client,
    { slug: 'work', feed } as unknown as OpenBoard,
  )
  const end = recent.start()
  await recent.show({ ...NO_FILTER, profile: 'smith' })
  expect(reads).toBe(1)
  expect(recent.filter.profile).toBe('smith')
  end()
})
