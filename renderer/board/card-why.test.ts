import { describe, expect, it } from 'vitest'
import type { Card, ProfileState, Why } from '../../contract/index.ts'
import { fakeProfiles } from '../shared/fake-data.ts'
import { shownWhy } from './card-why.ts'

const NOW = 1_000_000
const [FREE] = fakeProfiles() as [ProfileState]
const HELD: ProfileState = { ...FREE, held_since: 1, held_why: '3 tasks failed alike within a minute' }
const FULL: ProfileState = { ...FREE, running: 2, max_concurrent: 2 }
const gate = (name: NonNullable<Why>['gate']): Why => ({
  gate: name,
  sentence: name,
  clears_at: null,
  action: null,
})
const said = (why: Why, profile: ProfileState | null, card: Partial<Card> = {}) =>
  shownWhy({ status: 'ready', assignee: FREE.name, why, ...card }, profile === null ? [] : [profile], NOW)
    ?.gate ?? null

describe('B9: a waiting card gives the reason by the current state of its profile', () => {
  it('its profile is held, then released', () => {
    expect(said(null, HELD)).toBe('profile_held')
    expect(said(gate('retry_at'), HELD)).toBe('profile_held')
    expect(said(gate('profile_held'), FREE)).toBe(null)
    expect(shownWhy({ status: 'ready', assignee: FREE.name, why: null }, [HELD], NOW)?.sentence).toBe(
      `Profile ${FREE.name} is held: 3 tasks failed alike within a minute.`,
    )
  })

  it('a rate limit ends by itself', () => {
    expect(said(null, { ...HELD, held_until: NOW + 1 })).toBe('profile_held')
    expect(said(gate('profile_held'), { ...HELD, held_until: NOW })).toBe(null)
  })

  it('its profile reaches its limit, then has a free slot', () => {
    expect(said(null, FULL)).toBe('profile_limit')
    expect(said(gate('profile_held'), FULL)).toBe('profile_limit')
    expect(said(gate('profile_limit'), { ...FULL, running: 1 })).toBe(null)
    expect(said(null, { ...FULL, running: 1 })).toBe(null)
    expect(said(null, { ...FULL, max_concurrent: null })).toBe(null)
  })

  it('a missing profile is added', () => {
    expect(said(gate('unknown_profile'), FREE)).toBe(null)
    expect(said(gate('unknown_profile'), null)).toBe('unknown_profile')
  })

  it('a reason of the task itself comes first, and other profiles do not matter', () => {
    expect(said(gate('held'), HELD)).toBe('held')
    expect(said(gate('workspace_busy'), FULL)).toBe('workspace_busy')
    expect(said(gate('open_parents'), HELD, { status: 'todo' })).toBe('open_parents')
    expect(said(null, HELD, { status: 'done' })).toBe(null)
    expect(said(null, HELD, { assignee: 'another' })).toBe(null)
    expect(said(gate('profile_held'), null)).toBe('profile_held')
  })
})
