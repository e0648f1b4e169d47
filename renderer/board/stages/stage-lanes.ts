import type { Card, OperationOutput } from '../../../contract/index.ts'

export type Step = OperationOutput<'workflow.show'>['steps'][number]

/** A lane of the board in the layout by stages. */
export interface StageLane {
  key: string
  name: string
  /** The keys of its steps, in the order of the file. */
  steps: readonly string[]
  /** The steps in this lane that a person can send a card to. */
  targets: readonly { key: string; name: string }[]
  ids: readonly string[]
}

const ENDED = 'ended'
const OTHER_STEPS = 'other'
const OUTSIDE = 'outside'

/** @returns the lanes of a workflow without cards: its stages in the order of their first steps, then its ends */
export function lanesOf(steps: readonly Step[]): StageLane[] {
  const lanes = new Map<string, Step[]>()
  for (const step of steps) {
    const key = step.kind === 'end' ? ENDED : `stage ${step.stage ?? step.title ?? step.key}`
    lanes.set(key, [...(lanes.get(key) ?? []), step])
  }
  const ends = lanes.get(ENDED)
  lanes.delete(ENDED)
  const inOrder: [string, Step[]][] = [
    ...lanes,
    ...(ends === undefined ? [] : [[ENDED, ends] as [string, Step[]]]),
  ]
  return inOrder.map(([key, own]) => ({
    key,
    name: key === ENDED ? 'Ended' : wordsOf(own[0]),
    steps: own.map((step) => step.key),
    targets: own
      .filter(({ kind }) => kind !== 'end' && kind !== 'decide')
      .map((step) => ({ key: step.key, name: step.title ?? step.key.replaceAll('_', ' ') })),
    ids: [],
  }))
}

function wordsOf(step: Step | undefined): string {
  return step?.stage ?? step?.title ?? step?.key.replaceAll('_', ' ') ?? ''
}

/**
 * Puts cards into lanes, in the given order. Two extra lanes appear when needed: one for cards of other versions at a
 * step that this version lacks, and one for cards without the workflow.
 *
 * @param name the name of the workflow
 */
export function fillLanes(
  lanes: readonly StageLane[],
  name: string,
  cards: readonly Pick<Card, 'id' | 'workflow_template_id' | 'current_step_key'>[],
): StageLane[] {
  const laneOfStep = new Map(lanes.flatMap(({ key, steps }) => steps.map((step) => [step, key] as const)))
  const ids = new Map<string, string[]>()
  for (const { current_step_key, id, workflow_template_id } of cards) {
    const lane =
      workflow_template_id === name ? (laneOfStep.get(current_step_key ?? '') ?? OTHER_STEPS) : OUTSIDE
    const own = ids.get(lane)
    if (own === undefined) ids.set(lane, [id])
    else own.push(id)
  }
  const extra = [
    { key: OTHER_STEPS, name: 'Steps of other versions' },
    { key: OUTSIDE, name: 'Without this workflow' },
  ].filter(({ key }) => ids.has(key))
  return [
    ...lanes.map((lane) => ({ ...lane, ids: ids.get(lane.key) ?? [] })),
    ...extra.map((lane) => ({ ...lane, steps: [], targets: [], ids: ids.get(lane.key) ?? [] })),
  ]
}

/** @returns why these cards cannot be sent to a lane; null when they can */
export function laneRefusal(
  lane: Pick<StageLane, 'steps' | 'targets'>,
  name: string,
  cards: readonly Pick<Card, 'workflow_run_id' | 'workflow_template_id' | 'current_step_key' | 'status'>[],
): string | null {
  if (lane.targets.length === 0) return 'No step here can be chosen'
  if (cards.some((card) => card.workflow_run_id === null || card.workflow_template_id !== name))
    return 'Only cards in this workflow'
  if (cards.some(({ status }) => status === 'running')) return 'Stop it first'
  const isThere = cards.every(({ current_step_key }) => lane.steps.includes(current_step_key ?? ''))
  return isThere && lane.targets.length === 1 ? 'It is already there' : null
}
