import { describe, expect, it } from 'vitest'
import { Retries } from './retries.ts'

const FULL = new Error('the disk is full')

describe('work that failed', () => {
  it('waits one second, two, four, up to half a minute', () => {
    const retries = new Retries()
    const pauses = Array.from({ length: 8 }, () => {
      retries.note(1, 0, FULL)
      return retries.pauseOf(1)
    })
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  })

  it('is reported when its error changes, and only then', () => {
    const retries = new Retries()
    const said = [FULL, new Error('the disk is full'), 'busy', FULL].map((error) => retries.note(1, 0, error))
    expect(said).toEqual([true, false, true, true])
  })

  it('must not be retried before its pause is over', () => {
    const retries = new Retries()
    retries.note(1, 10_000, FULL)
    retries.note(2, 10_000, FULL)
    retries.note(2, 10_000, FULL)
    expect([retries.waiting(10_999), retries.nextDueIn(10_999)]).toEqual([[1, 2], 1])
    expect(retries.waiting(11_000)).toEqual([2])
    expect(retries.waiting(12_000)).toEqual([])
  })

  it('is due never when nothing has failed', () => {
    expect(new Retries().nextDueIn(0)).toBe(Infinity)
  })

  it('is waited for until its fifth failure', () => {
    const retries = new Retries()
    for (let tries = 0; tries < 4; tries++) retries.note(1, 0, FULL)
    expect([retries.shouldKeepWaiting, retries.hopeless]).toEqual([true, 0])
    retries.note(1, 0, FULL)
    expect([retries.shouldKeepWaiting, retries.hopeless]).toEqual([false, 1])
  })

  it('starts from the beginning once it is forgotten', () => {
    const retries = new Retries()
    for (const id of [1, 1, 2, 3]) retries.note(id, 0, FULL)
    retries.forget(1)
    expect(retries.note(1, 0, FULL)).toBe(true)
    expect(retries.pauseOf(1)).toBe(1000)
    retries.keep([3])
    expect(retries.waiting(0)).toEqual([3])
  })
})
