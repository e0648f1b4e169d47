import { describe, expect, it } from 'vitest'
import { callerFromEnvironment, refuseHalfWorker } from './caller.ts'

const WHOLE = { RUNBOARD_TASK: 't_0000000a', RUNBOARD_RUN: '7', RUNBOARD_CLAIM: 'secret', USER: 'ada' }

describe('the environment', () => {
  it('that names a run makes the caller a worker', () => {
    refuseHalfWorker(WHOLE)
    expect(callerFromEnvironment(WHOLE, 'cli').worker).toMatchObject({
      task_id: 't_0000000a',
      run_id: 7,
      claim: 'secret',
    })
  })

  it.each([
    ['nothing', {}],
    ['a task alone', { RUNBOARD_TASK: 't_0000000a' }],
    ['blanks', { RUNBOARD_TASK: '', RUNBOARD_RUN: '', RUNBOARD_CLAIM: '' }],
  ])('with %s leaves the caller a person', (_, env) => {
    refuseHalfWorker(env)
    expect(callerFromEnvironment({ ...env, USER: 'ada' }, 'cli')).toMatchObject({
      actor: 'ada',
      worker: undefined,
    })
  })

  it.each([
    ['the run is missing', { ...WHOLE, RUNBOARD_RUN: undefined }, 'RUNBOARD_RUN'],
    ['the task is missing', { ...WHOLE, RUNBOARD_TASK: '' }, 'RUNBOARD_TASK'],
    ['only the claim is left', { RUNBOARD_CLAIM: 'secret' }, 'RUNBOARD_RUN and RUNBOARD_TASK'],
    ['the run is not a number', { ...WHOLE, RUNBOARD_RUN: 'seven' }, '“seven”'],
  ])('is refused if %s', (_, env, named) => {
    expect(() => refuseHalfWorker(env)).toThrow(named)
  })
})
