import { expect, it } from 'vitest'
import { EDGES, legalTargets, TASK_STATUSES, type TaskStatus } from '../../contract/states.ts'
import { commonTargets, refusal, VERB_SPECS, VERBS, type VerbSubject } from './verbs.ts'

function subject(status: TaskStatus, change: Partial<VerbSubject> = {}): VerbSubject {
  return {
    id: 't_1',
    title: 'Do it',
    status,
    held: false,
    retry_at: null,
    block_reason: null,
    block_kind: null,
    ...change,
  }
}

it('a verb that changes the status is offered exactly where the state machine has an edge for it', () => {
  const moving = VERBS.filter((verb) => EDGES.some((edge) => edge.verb === verb))
  for (const verb of moving) {
    const from = TASK_STATUSES.filter((status) =>
      EDGES.some((edge) => edge.verb === verb && edge.from === status),
    )
    expect([verb, TASK_STATUSES.filter((status) => VERB_SPECS[verb].from.includes(status))]).toEqual([
      verb,
      from,
    ])
  }
})

it('a held task can be released, any other can be held', () => {
  expect(refusal('hold', subject('ready', { held: true }))).toBe('It is already held')
  expect(refusal('release', subject('ready'))).toBe('It is not held')
  expect(refusal('release', subject('ready', { held: true }))).toBeNull()
})

it('asks only for missing input or before something is lost', () => {
  const asked = (verb: (typeof VERBS)[number], status: TaskStatus) =>
    (VERB_SPECS[verb].ask?.([subject(status)]) ?? null) !== null
  expect(asked('archive', 'done')).toBe(false)
  expect(asked('archive', 'running')).toBe(true)
  expect(asked('stop', 'running')).toBe(true)
  expect(asked('complete', 'ready')).toBe(true)
  expect(asked('approve', 'review')).toBe(false)
})

it('several tasks may move where each of them may', () => {
  expect(commonTargets([])).toEqual([])
  expect(commonTargets([{ status: 'ready' }])).toEqual(legalTargets('ready'))
  expect(commonTargets([{ status: 'ready' }, { status: 'todo' }])).toEqual(['blocked', 'archived'])
  expect(commonTargets([{ status: 'ready' }, { status: 'done' }])).toEqual(['done', 'archived'])
})
