import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { operationList, type OperationName, operations, type OperationSpec } from '../../contract/index.ts'
import { declaredDoors, type Door, DOOR_NAMES, type DoorName, type Input } from './test-doors.ts'
import { HOME_PATHS } from './test-happy-home.ts'
import type { HappyPaths } from './test-happy-path.ts'
import { TASK_PATHS } from './test-happy-tasks.ts'
import { WORK_PATHS } from './test-happy-work.ts'
import { WORKFLOW_PATHS } from './test-happy-workflows.ts'
import { answerOf, openStage, type Scene, type Stage } from './test-stage.ts'

/** An operation without an entry here fails the test. */
const HAPPY_PATHS: HappyPaths = { ...TASK_PATHS, ...WORK_PATHS, ...WORKFLOW_PATHS, ...HOME_PATHS }

/** Used by programs that run beside the kernel and by the screens; of no use elsewhere. */
const FOR_SCREENS_ONLY: readonly OperationName[] = ['dispatcher.show', 'event.list']

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(async () => {
  await stage.close()
  expect(stage.reports).toEqual([])
})

const callable = operationList.filter(([, spec]) => spec.kind !== 'stream')

function withBoard(scene: Scene, spec: OperationSpec, input: Input): Input {
  return spec.scope === 'board' ? { ...input, board: scene.slug } : input
}

describe('every operation', () => {
  it('has a successful call in the table', () => {
    expect(Object.keys(HAPPY_PATHS).sort()).toEqual(callable.map(([name]) => name).sort())
  })

  it('has a door beside the kernel, and one for programs and people unless it is for screens', () => {
    const closed = operationList.filter(([, { http, cli, mcp }]) => (http ?? cli ?? mcp) === undefined)
    expect(closed.map(([name]) => name).sort()).toEqual(FOR_SCREENS_ONLY)
  })

  it('has its own address, verb and tool', () => {
    const addresses = operationList.flatMap(([, { http }]) =>
      http === undefined ? [] : `${http.method} ${http.path}`,
    )
    expect(new Set(addresses).size).toBe(addresses.length)
    for (const door of ['verb', 'tool'] as const) {
      const names = operationList.flatMap(
        ([, { cli, mcp }]) => (door === 'verb' ? cli?.verb : mcp?.tool) ?? [],
      )
      expect(new Set(names).size).toBe(names.length)
    }
  })
})

const shared = new Map<DoorName, Promise<Scene>>()

/** Operations on single tasks share one board per door; an operation that reports on a whole board has its own. */
function sceneFor(name: OperationName, door: DoorName): Promise<Scene> {
  if (name in HOME_PATHS || name in WORK_PATHS || name in WORKFLOW_PATHS) return stage.scene()
  const scene = shared.get(door) ?? stage.scene()
  shared.set(door, scene)
  return scene
}

describe.each(callable.map(([name, spec]) => ({ name, spec })))('$name', ({ name, spec }) => {
  it.each(declaredDoors(name))("succeeds through %s, with the contract's answer", async (doorName) => {
    const path = HAPPY_PATHS[name]
    if (path === undefined) throw new Error(`${name} has no happy path`)
    const scene = await sceneFor(name, doorName)
    const { input, gives, env } = await path(scene, stage, doorName)
    const door = await stage.door(doorName, env)
    const given = withBoard(scene, spec, input)
    expect(door.reaches(name, given)).toBe(true)
    const answer: unknown = answerOf(await door.call(name, given))
    expect(answer).toMatchObject(gives as object)
    // Nothing is missing, nothing is extra, and nothing changed in transit.
    expect(operations[name].output.parse(answer)).toEqual(answer)
    if (env !== undefined) await (await stage.door(doorName, env)).close()
  })
})

/** A valid input for every operation, on a board that all tests below share. */
let scene: Scene
const inputs = new Map<OperationName, Input>()

async function prepareAll(): Promise<void> {
  scene = await stage.scene()
  for (const [name, spec] of callable) {
    const done = await HAPPY_PATHS[name]?.(scene, stage, 'kernel')
    if (done !== undefined) inputs.set(name, withBoard(scene, spec, done.input))
  }
}

describe.each(DOOR_NAMES)('through %s', (doorName) => {
  beforeAll(async () => {
    if (inputs.size === 0) await prepareAll()
  })

  /** Checks that each call is refused with the code, in a sentence, and that the board is unchanged. */
  async function refusesEach(
    calls: Iterable<[OperationName, Input]>,
    code: string,
    door: Door,
  ): Promise<number> {
    const before = scene.dump()
    let count = 0
    for (const [name, input] of calls) {
      if (!door.reaches(name, input)) continue
      const { error, answer } = await door.call(name, input)
      expect({ name, code: error?.code, answer }).toEqual({ name, code, answer: undefined })
      expect(error?.message).toMatch(/^\S.*[.…:]/s)
      count++
    }
    expect(scene.dump()).toEqual(before)
    return count
  }

  it('an unknown id is NOT_FOUND for every operation that takes one', async () => {
    const calls = [...inputs].flatMap(([name, input]): [OperationName, Input][] => {
      if (!('id' in operations[name].input.shape)) return []
      return [[name, { ...input, id: typeof input['id'] === 'number' ? 999_999 : 't_00000000' }]]
    })
    expect(await refusesEach(calls, 'NOT_FOUND', await stage.door(doorName))).toBeGreaterThan(10)
  })

  it('an unknown board is NOT_FOUND for every operation on one', async () => {
    const calls = [...inputs].flatMap(([name, input]): [OperationName, Input][] =>
      operations[name].scope === 'board' ? [[name, { ...input, board: 'nowhere' }]] : [],
    )
    expect(await refusesEach(calls, 'NOT_FOUND', await stage.door(doorName))).toBeGreaterThan(10)
  })

  it('an unknown field is INVALID_INPUT', async () => {
    if (doorName === 'cli') return // the tests of its parser cover its flags
    const calls = [...inputs].flatMap(([name, input]): [OperationName, Input][] =>
      operations[name].input.def.catchall instanceof z.ZodNever
        ? [[name, { ...input, unheard_of: '1' }]]
        : [],
    )
    expect(await refusesEach(calls, 'INVALID_INPUT', await stage.door(doorName))).toBeGreaterThan(10)
  })

  it('a worker is refused what does not belong to it, and what a person decides', async () => {
    const { worker } = await scene.running({ title: 'Own' })
    const [door, person] = [await stage.door(doorName, worker), await stage.door(doorName)]
    const calls = [...inputs].filter(([name]) => operations[name].worker !== 'any')
    const count = await refusesEach(calls, 'UNAUTHORIZED', door)
    expect(count).toBeGreaterThan(5)
    // Operations for planners are not even offered to an agent.
    const withheld = calls.filter(
      ([name, input]) => person.reaches(name, input) && !door.reaches(name, input),
    )
    expect(withheld.every(([name]) => (operations[name] as OperationSpec).mcp?.planner === true)).toBe(true)
  })
})
