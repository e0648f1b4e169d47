import { describe, expect, it } from 'vitest'
import { versionChoice } from '../shared/versions.svelte.ts'
import { chooseFields } from './chosen-fields.ts'

const label = (key: string) => key
const opened = { name: 'Work', limit: 2 as number | null, folder: '' as string | null }

describe('B6: which fields of a form are saved', () => {
  it('only those that were typed into', async () => {
    const current = { ...opened, folder: '/theirs' }
    expect(await chooseFields({ mine: { ...opened, name: 'Mine' }, opened, current }, label)).toEqual({
      name: 'Mine',
    })
    expect(versionChoice.open).toBeNull()
  })

  it('none if an empty text stands for null', async () => {
    const mine = { ...opened, folder: null }
    expect(await chooseFields({ mine, opened, current: opened }, label)).toEqual({})
  })

  it.each([
    ['mine', { name: 'Mine', limit: 3 }],
    ['theirs', { limit: 3 }],
    [null, null],
  ] as const)('is asked for where someone else changed the same field: %s', async (chosen, saved) => {
    const mine = { ...opened, name: 'Mine', limit: 3 }
    const answer = chooseFields({ mine, opened, current: { ...opened, name: 'Theirs' } }, label)
    expect(versionChoice.open).toEqual({ field: 'name', mine: 'name: Mine', theirs: 'name: Theirs' })
    versionChoice.settle(chosen)
    expect(await answer).toEqual(saved)
  })

  it('no question if both typed the same', async () => {
    const mine = { ...opened, name: 'Both' }
    expect(await chooseFields({ mine, opened, current: mine }, label)).toEqual({ name: 'Both' })
  })
})
