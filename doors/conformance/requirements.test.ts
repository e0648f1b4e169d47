import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench, type Requirement } from './test-bench.ts'
import { declaredDoors, DOOR_NAMES, type DoorName } from './test-doors.ts'
import { PEOPLE_PROMISES } from './test-promises-people.ts'
import { REPORT_PROMISES } from './test-promises-runs.ts'
import { TASK_PROMISES } from './test-promises-tasks.ts'
import { openStage, type Stage } from './test-stage.ts'

/** One table for every door. A promise without a proof does not compile. */
const REQUIREMENTS: readonly Requirement[] = [...TASK_PROMISES, ...REPORT_PROMISES, ...PEOPLE_PROMISES]

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(async () => {
  await stage.close()
  expect(stage.reports).toEqual([])
})

function doorsOf({ about }: Requirement): DoorName[] {
  return DOOR_NAMES.filter((door) => about.every((name) => declaredDoors(name).includes(door)))
}

describe.each(REQUIREMENTS.map((requirement) => ({ ...requirement, doors: doorsOf(requirement) })))(
  '$promise',
  ({ doors, proof }) => {
    it.each(doors)('through %s', async (doorName) => {
      await proof(await openBench(stage, doorName))
    })
  },
)

it('no promise appears twice, and each door is held to many', () => {
  expect(new Set(REQUIREMENTS.map(({ promise }) => promise)).size).toBe(REQUIREMENTS.length)
  for (const door of DOOR_NAMES) {
    const held = REQUIREMENTS.filter((requirement) => doorsOf(requirement).includes(door))
    expect(held.length, door).toBeGreaterThan(REQUIREMENTS.length / 2)
  }
})
