import { z } from 'zod'
import { lazily } from './lazily.ts'
import { at, maybeText } from './columns.ts'
import { taskStatus } from './rows.ts'
import { MERGE_METHODS } from './states.ts'

export const boardSettings = lazily(() =>
  z.object({
    max_running: z.int().nullable(),
    failure_limit: z.int().nullable(),
    stale_after_seconds: z.int().nullable(),
    /** How many runs may wait for an answer at once; null for the default. */
    max_waiting: z.int().nullable(),
    default_workspace: maybeText(),
    /** Whether planned tasks run without a person's acceptance. */
    accept_plans: z.boolean(),
    /** How the work of a task is merged unless the call says otherwise. */
    merge_method: z.enum(MERGE_METHODS),
    /** Whether a task waits until the work of its parents is merged, and not only done. */
    wait_for_merge: z.boolean(),
    paused: z.boolean(),
  }),
)

export const board = lazily(() =>
  z
    .object({
      slug: z.string(),
      name: z.string(),
      icon: maybeText(),
      color: maybeText(),
      project_dir: maybeText(),
      created_at: at(),
      archived: z.boolean(),
      current: z.boolean(),
      path: z.string(),
      /** The board's name in the archive; null if it is not archived. */
      archived_as: maybeText(),
      /** It was imported: nothing on it runs until a person accepts what it would run. */
      unaccepted: z.boolean(),
      settings: boardSettings(),
      counts: z.record(taskStatus(), z.int()),
      /** Why its file cannot be opened, and what to do; null when it can. Without the file, all counts are 0. */
      problem: maybeText(),
    })
    .meta({ id: 'Board' }),
)
export type Board = z.infer<ReturnType<typeof board>>

/** Which process dispatches a board, as the header shows it. */
export const dispatcherState = lazily(() =>
  z
    .object({
      /** `here`: the answering process; `elsewhere`: another living process; `none`: no process. */
      who: z.enum(['here', 'elsewhere', 'none']),
      holder: maybeText(),
      pid: z.int().nullable(),
      paused: z.boolean(),
      running: z.int(),
      limit: z.int(),
    })
    .meta({ id: 'DispatcherState' }),
)
export type DispatcherState = z.infer<ReturnType<typeof dispatcherState>>

/** A command that an imported board would run, or a folder that one would run in. */
export const wouldRun = lazily(() =>
  z
    .object({
      kind: z.enum(['project', 'workspace', 'setting', 'profile', 'check']),
      text: z.string(),
      task_id: maybeText(),
    })
    .meta({ id: 'WouldRun' }),
)
export type WouldRun = z.infer<ReturnType<typeof wouldRun>>

/** `would_run` has the first 500 of `would_run_total`. */
export const wouldRunAnswer = lazily(() => ({ would_run: z.array(wouldRun()), would_run_total: z.int() }))
