import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { PRESETS } from '../home/presets.ts'
import { setupWorkers } from '../testing/workers.ts'
import { matchLines } from './bounded-pattern.ts'

/** As a plain `RegExp`, each takes far longer on `line` than a test may. */
const CATASTROPHES: [pattern: string, line: string][] = [
  ['(a+)+$', `${'a'.repeat(60)}!`],
  ['^(\\w+\\s?)*$', `${'word '.repeat(40)}!`],
  ['(.*)(.*)(.*)(.*)(.*)(.*)(.*)x$', 'y'.repeat(900)],
  ['(?:a|aa)+$', `${'a'.repeat(90)}!`],
]

describe('a user’s pattern over the output of a worker', () => {
  it.each(CATASTROPHES)('gives up on %s', (pattern, line) => {
    const before = performance.now()
    expect(matchLines(pattern, ['fine', line])).toEqual({ lines: [], gaveUp: true })
    // The limit is 250 ms. A loaded machine notices later; without a limit the pattern takes years.
    expect(performance.now() - before).toBeLessThan(20_000)
  })

  it('otherwise matches as usual, case-insensitively', () => {
    expect(matchLines('rate.?limit|^quota', ['Rate limit', 'none', 'a quota', 'QUOTA'])).toEqual({
      lines: ['Rate limit', 'QUOTA'],
      gaveUp: false,
    })
  })

  it('never gives up on a preset pattern, whatever a line holds', () => {
    const lines = CATASTROPHES.map(([, line]) => line).concat('limit '.repeat(160), '\u0000 rate'.repeat(160))
    for (const { rate_limit_pattern, failure_pattern } of PRESETS.values())
      for (const pattern of [rate_limit_pattern, failure_pattern])
        if (pattern !== null) expect(matchLines(pattern, lines).gaveUp).toBe(false)
  })

  it('keeps a failure a failure, and says that the pattern gave up', async () => {
    const { create, drain, profile, runs } = await setupWorkers()
    await profile('w', `echo ${'a'.repeat(60)}!; exit 1`, { rate_limit_pattern: '(a+)+$', failure_limit: 1 })
    const { id } = await create({ assignee: 'w' })
    await drain()
    expect((await runs(id))[0]).toMatchObject({
      outcome: 'crashed',
      error: expect.stringContaining('The rate_limit_pattern of its profile took too long') as string,
    })
  })

  it('does not turn an end that it could not judge into a success', async () => {
    const { create, drain, profile, runs, task } = await setupWorkers()
    const fields = { failure_pattern: '(a+)+$', completion: 'exit-code' as const }
    await profile('w', `echo ${'a'.repeat(60)}!`, fields)
    const { id } = await create({ assignee: 'w' })
    await drain()
    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: 'unreported' })
    expect((await runs(id))[0]?.error).toContain('The failure_pattern of its profile took too long')
  })
})
