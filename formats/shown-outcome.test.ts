import { describe, expect, it } from 'vitest'
import { errorHeadline } from './own-errors.ts'
import { shownOutcome } from './shown-outcome.ts'

describe('A7: a run that owes a report and does not make one', () => {
  it.each([
    'It exited with 0 but did not report whether the task is done.',
    'It exited with 0 but did not report: no complete, block or request-review.',
    'It exited with 0 but did not report: its output has no event by which the agent says that it is done.',
    'It exited with 0, and its profile coder is not there any more to say whether that means done.',
    'Its process is gone, and nobody saw how it ended.',
  ])('is shown as ended without a report: “%s”', (error) => {
    expect(shownOutcome({ outcome: 'crashed', error })).toBe('ended_without_a_report')
    expect(errorHeadline(error)).toBe(error)
  })

  it.each([
    'It exited with 1. It wrote nothing.',
    'It exited with 0, but its last event is an error.\nNo credit is left',
    'Its process is gone, and nobody saw how it ended. It wrote nothing.',
    'Its process is gone, and nobody saw how it ended.\nhalf way',
    'It exited with 1.\nThe worker of the test did not report.',
    null,
  ])('is not confused with one that crashed: %j', (error) => {
    expect(shownOutcome({ outcome: 'crashed', error })).toBe('crashed')
  })

  it('leaves every other outcome unchanged', () => {
    const error = 'It exited with 0 but did not report.'
    expect(shownOutcome({ outcome: 'completed', error })).toBe('completed')
    expect(shownOutcome({ outcome: null, error })).toBeNull()
  })
})
