import { expect } from 'vitest'
import { type ErrorCode, type OperationName, operations, type OperationSpec } from '../../contract/index.ts'
import {
  type CallerEnvironment,
  type Door,
  type DoorName,
  type Input,
  type Refused,
  TRIGGERS,
} from './test-doors.ts'
import { answerOf, type Scene, type Stage } from './test-stage.ts'

type Any = any // eslint-disable-line @typescript-eslint/no-explicit-any -- tests know what they look for

type Refuses = (
  code: ErrorCode,
  name: OperationName,
  input: Input,
  caller?: CallerEnvironment,
) => Promise<Refused>

/** What a proof uses: a board, and one door to it. */
export interface Bench {
  scene: Scene
  stage: Stage
  doorName: DoorName
  /** The `trigger` that runs claimed through this door record. */
  trigger: string
  /** Makes a call through the door that must succeed. @returns the answer */
  call: (name: OperationName, input: Input, caller?: CallerEnvironment) => Promise<Any>
  /** Makes a call through the door that must be refused and change nothing. @returns the error */
  refused: Refuses
  /** As `refused`, where the refusal itself is recorded. */
  noted: Refuses
  /** @returns whether the door can express this call */
  canSay: (name: OperationName, input: Input) => Promise<boolean>
}

/** What every door promises that reaches the operations in `about`. */
export interface Requirement {
  promise: string
  /** Operations that the proof calls through the door. */
  about: readonly OperationName[]
  proof: (bench: Bench) => Promise<void>
}

export async function openBench(stage: Stage, doorName: DoorName): Promise<Bench> {
  const scene = await stage.scene()
  const given = (name: OperationName, input: Input): Input => {
    const spec: OperationSpec = operations[name]
    return spec.scope === 'board' ? { board: scene.slug, ...input } : input
  }
  const door = (caller?: CallerEnvironment): Promise<Door> => stage.door(doorName, caller)
  const noted: Bench['noted'] = async (code, name, input, caller) => {
    const { error, answer } = await (await door(caller)).call(name, given(name, input))
    expect({ name, input, code: error?.code, answer }).toEqual({ name, input, code, answer: undefined })
    expect(error?.message).toMatch(/\S.*\S/s)
    return error!
  }
  return {
    scene,
    stage,
    doorName,
    trigger: TRIGGERS[doorName],
    call: async (name, input, caller) => {
      const answer: Any = answerOf(await (await door(caller)).call(name, given(name, input)))
      expect(operations[name].output.parse(answer)).toEqual(answer)
      scene.dump()
      return answer
    },
    noted,
    refused: async (code, name, input, caller) => {
      const before = scene.rows()
      const error = await noted(code, name, input, caller)
      expect(scene.dump()).toEqual(before)
      return error
    },
    canSay: async (name, input) => (await door()).reaches(name, given(name, input)),
  }
}
