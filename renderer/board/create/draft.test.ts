import { beforeEach, expect, it, vi } from 'vitest'
import type { Client, OperationInput } from '../../../contract/index.ts'
import type { BoardStore } from '../board-store.svelte.ts'
import { Draft } from './create.svelte.ts'

let created: string[]
/** Titles that `task.create` refuses. */
let refused: string[]
beforeEach(() => {
  created = []
  refused = []
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => kept.set(key, text),
    removeItem: (key: string) => kept.delete(key),
  })
})

function draftOf(place: string, profiles: { name: string }[] = []): Draft {
  const create = ({ title }: OperationInput<'task.create'>) => {
    if (refused.includes(title)) return Promise.reject(new Error('refused'))
    created.push(title)
    return Promise.resolve({ task: { title } })
  }
  const store = { slug: 'work', profiles, board: null, refresh: () => undefined }
  return new Draft({ task: { create } } as unknown as Client, store as unknown as BoardStore, 'ready', place)
}

const picture = () => ({ name: 'door.png' }) as File

it('keeps everything but the created lines when one is refused', async () => {
  const draft = draftOf('lines')
  draft.body = 'Blue, two coats'
  draft.workflow.values = { goal: 'a blue door' }
  refused = ['Oil it']
  expect(await draft.sendLines(['Paint it', 'Oil it'])).toBe(1)
  expect(draft.lines).toEqual(['Oil it'])
  expect([draft.body, draft.workflow.values]).toEqual(['Blue, two coats', { goal: 'a blue door' }])
  refused = []
  expect(await draft.sendLines(draft.lines)).toBe(1)
  expect(created).toEqual(['Paint it', 'Oil it'])
  expect([draft.lines, draft.body, draft.workflow.values]).toEqual([[], '', { goal: '' }])
})

it('keeps the files of a form that is closed, until they are sent', () => {
  const draft = draftOf('closed')
  draft.files = [picture()]
  draft.keep()
  expect(draftOf('closed').files).toEqual(draft.files)
  expect(draftOf('elsewhere').files).toEqual([])
  draft.next()
  expect(draftOf('closed').files).toEqual([])
})

it('returns discarded files with Undo', () => {
  const draft = draftOf('discarded')
  draft.files = [picture()]
  draft.keep()
  const undo = draft.discard()
  expect(draftOf('discarded').files).toEqual([])
  undo()
  expect(draftOf('discarded').files).toEqual([picture()])
})

it('gets its usual assignee once the profiles are read, unless one was chosen before', () => {
  const profiles: { name: string }[] = []
  const [early, chosen] = [draftOf('early', profiles), draftOf('chosen', profiles)]
  chosen.assignee = 'another'
  profiles.push({ name: 'painter' })
  for (const draft of [early, chosen]) draft.profilesRead()
  expect([early.assignee, early.isEmpty]).toEqual(['painter', true])
  expect(chosen.assignee).toBe('another')
  // A later choice of nobody is kept.
  early.assignee = ''
  early.profilesRead()
  expect(early.assignee).toBe('')
})
