import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMAND_FIELDS } from '../../contract/index.ts'
import { callOf } from '../../kernel/testing/command-calls.ts'
import { declaredDoors } from './test-doors.ts'
import { addProfile, openStage, type Stage } from './test-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
  await addProfile(stage, 'coder', { shell: 'true' })
  await addProfile(stage, 'planner', { shell: 'true', capabilities: ['worker', 'planner'] })
})
afterAll(() => stage.close())

const PAIRS = COMMAND_FIELDS.flatMap((one) =>
  declaredDoors(one.operation).map((door) => ({ ...one, one, door })),
)

describe.each(PAIRS)('X3: $operation $field through $door', ({ one, door: name }) => {
  it('is refused to a worker, and changes nothing', async () => {
    const scene = await stage.scene()
    const { worker } = await scene.running()
    const input = callOf(one, await scene.create())
    const door = await stage.door(name, worker)
    expect(door.reaches(one.operation, input)).toBe(true)
    const before = scene.dump()

    const { error } = await door.call(one.operation, input)

    expect(error?.code).toBe('UNAUTHORIZED')
    expect(scene.dump()).toEqual(before)
  })

  it('waits for a person if a planner may propose it', async () => {
    const scene = await stage.scene()
    const worker = await scene.claim(await scene.create(), 'planner')
    const input = callOf(one, await scene.create())
    const door = await stage.door(name, worker)
    expect(door.reaches(one.operation, input)).toBe(true)

    const { answer, error } = await door.call(one.operation, input)

    if (one.worker === 'never') expect(error?.code).toBe('UNAUTHORIZED')
    else expect(answer.task).toMatchObject({ held: true, proposed_fields: [one.field] })
  })
})
