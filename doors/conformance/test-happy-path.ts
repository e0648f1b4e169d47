import type { CallerEnvironment, DoorName, Input } from './test-doors.ts'
import type { Scene, Stage } from './test-stage.ts'

/** A call that must be done, and what it must answer at least. */
export interface Done {
  input: Input
  gives: unknown
  /** Where the caller is a worker. */
  env?: CallerEnvironment
}

export type HappyPath = (scene: Scene, stage: Stage, door: DoorName) => Promise<Done>

/** By the name of the operation. */
export type HappyPaths = Record<string, HappyPath>
