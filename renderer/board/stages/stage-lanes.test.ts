import { describe, expect, it } from 'vitest'
import { fillLanes, lanesOf, laneRefusal, type Step } from './stage-lanes.ts'

const step = (key: string, kind: Step['kind'], stage: string | null = null): Step => ({
  ...{ key, kind, stage, title: null, who: null, ways: [] },
})
const LANES = lanesOf([
  step('plan', 'work', 'Plan'),
  step('agree', 'approve', 'Plan'),
  step('which', 'decide', 'Plan'),
  step('over', 'end'),
  step('build_it', 'work'),
  step('dropped', 'end'),
])
const card = (id: string, current_step_key: string | null, workflow_template_id: string | null = 'w') => ({
  ...{ id, current_step_key, workflow_template_id },
  ...{ workflow_run_id: 1 as number | null, status: 'ready' as const },
})

describe('the lanes of a workflow', () => {
  it('are its stages in the order of their first steps, each step without a stage, and its ends', () => {
    expect(LANES.map(({ name, steps }) => [name, ...steps])).toEqual([
      ['Plan', 'plan', 'agree', 'which'],
      ['build it', 'build_it'],
      ['Ended', 'over', 'dropped'],
    ])
    expect(LANES[0]?.targets.map(({ key }) => key)).toEqual(['plan', 'agree'])
  })

  it('hold each card once, also cards of other versions and cards without the workflow', () => {
    const cards = [
      card('a', 'agree'),
      card('b', 'dropped'),
      card('c', 'gone'),
      card('d', 'plan', 'other'),
      card('e', null, null),
      card('f', 'plan'),
    ]
    expect(fillLanes(LANES, 'w', cards).map(({ ids, name }) => [name, ...ids])).toEqual([
      ['Plan', 'a', 'f'],
      ['build it'],
      ['Ended', 'b'],
      ['Steps of other versions', 'c'],
      ['Without this workflow', 'd', 'e'],
    ])
  })
})

describe('sending cards to a lane', () => {
  const [plan, build, ended] = LANES
  it('is refused with a reason', () => {
    const refusal = (lane = plan, ...cards: ReturnType<typeof card>[]) =>
      lane === undefined ? '' : laneRefusal(lane, 'w', cards)
    expect(refusal(build, card('a', 'plan'))).toBeNull()
    expect(refusal(plan, card('a', 'agree'))).toBeNull() // another step of its lane
    expect(refusal(ended, card('a', 'plan'))).toMatch(/^No step here/)
    expect(refusal(build, card('a', 'build_it'))).toBe('It is already there')
    expect(refusal(build, card('a', 'plan', 'other'))).toMatch(/^Only cards/)
    expect(refusal(build, { ...card('a', 'plan'), workflow_run_id: null })).toMatch(/^Only cards/)
    expect(refusal(build, card('a', 'plan'), { ...card('b', 'plan'), status: 'running' as never })).toBe(
      'Stop it first',
    )
  })
})
