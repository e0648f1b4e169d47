import { describe, expect, it } from 'vitest'
import { blockReason } from './block-reason.ts'
import { holdWords } from '../shared/hold-words.ts'

describe('the reason on a blocked card', () => {
  it('of a task that gave up begins with the error', () => {
    const reason = 'Gave up after 3 failures in a row: It exited with 1: upload: 403 Forbidden'
    expect(blockReason({ block_kind: 'gave_up', block_reason: reason })).toBe('upload: 403 Forbidden')
  })

  it('of a question is the question, even one that reads like an error', () => {
    const reason = 'Gave up after one try: continue?'
    expect(blockReason({ block_kind: 'needs_input', block_reason: reason })).toBe(reason)
  })
})

describe('the line about a held profile', () => {
  const now = Date.UTC(2026, 10, 30, 12)

  it('says until when and why', () => {
    const words = holdWords(
      { held_until: now + 60_000, held_why: 'rate limited: 429 Too Many Requests' },
      now,
    )
    expect(words.state).toMatch(/^is rate-limited until \d/)
    expect(words.why).toBe(' · 429 Too Many Requests.')
  })

  it('says that only a person ends a hold without a time', () => {
    const words = holdWords({ held_until: null, held_why: '3 tasks failed alike' }, now)
    expect(words).toEqual({ state: 'is held until you release it', why: ' · 3 tasks failed alike.' })
  })
})
