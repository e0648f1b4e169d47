import type { CallerEnvironment, DoorName, Input } from './test-doors.ts'
import type { Scene, Stage } from './test-stage.ts'

/** A call that must succeed, and what its answer must contain. */
export interface Done {
  input: Input
  gives: unknown
  /** For a worker as the caller. */
  env?: CallerEnvironment
}

export type HappyPath = (scene: Scene, stage: Stage, door: DoorName) => Promise<Done>

/** By the name of the operation. */
export type HappyPaths = Record<string, HappyPath>
