import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { task } from '../rows.ts'
import { run } from '../run-rows.ts'
import { MERGE_METHODS } from '../states.ts'
import {
  ATTACHMENT_LIMITS,
  jsonObject,
  optionalText,
  profileName,
  requiredText,
  slug,
  taskId,
  TEXT_LIMITS,
} from '../values.ts'

/** Every board operation takes the board's slug; without it the door finds the board. */
export const boardField = lazily(() => ({
  board: slug().optional().describe('Slug of the board, instead of the default'),
}))

export const taskInput = lazily(() => ({
  ...boardField(),
  id: taskId().describe('Id of the task: t_ and eight hexadecimal digits, or a unique start of them'),
}))

export const note = lazily(() => optionalText('note', TEXT_LIMITS.note))

/** How to merge; the board's setting if not given. */
export const mergeMethod = lazily(() =>
  z
    .enum(MERGE_METHODS, { error: 'method must be merge or squash' })
    .nullish()
    .transform((value) => value ?? null)
    .describe('merge: with all its commits; squash: as one commit; the setting of the board if not given'),
)

export const methodFlags = [
  { flag: '--squash', field: 'method', parse: 'flag', constant: 'squash', help: 'merge as one commit' },
  {
    flag: '--merge-commit',
    field: 'method',
    parse: 'flag',
    constant: 'merge',
    help: 'merge with all commits, on a board that squashes',
  },
] as const

/** The structured handoff of a run. */
export const handoff = lazily(() => ({
  summary: optionalText('summary', TEXT_LIMITS.summary).describe(
    'What was done, and what the next worker must know',
  ),
  metadata: jsonObject()
    .nullish()
    .transform((value) => value ?? null)
    .describe('Any JSON object: changed_files, tests_run, findings, decisions, residual_risk, …'),
}))

/** Files to attach, as the caller has them: by path, or with their bytes. */
export const attachInputs = lazily(() => ({
  attach: z
    .array(z.string().min(1).max(4096))
    .max(ATTACHMENT_LIMITS.perTask)
    .default([])
    .describe('Absolute paths of files to copy and attach'),
  attachments: z
    .array(
      z.strictObject({
        name: requiredText('name', 500),
        content: z.base64({ error: 'content must be base64' }).describe('The content, as base64'),
      }),
    )
    .max(ATTACHMENT_LIMITS.perTask)
    .default([])
    .describe('Files to attach, with their content'),
}))

export const attachFlags = [
  { flag: '--attach', value: 'FILE', field: 'attach', parse: 'path', many: true },
] as const

/**
 * Sentences about a call that succeeded but may not have the effect that the caller expects. Absent if there are none.
 */
export const warnings = lazily(() => z.array(z.string()))

/** The answer of a verb on one task: the task, and the run if one was opened or closed. */
export const taskAnswer = lazily(() =>
  z.object({ task: task(), run: run().optional(), warnings: warnings().optional() }),
)

/** The arguments of verbs on a task: one id; one, or the worker’s own; or several. */
export const idArg = [{ name: 'ID', field: 'id' }] as const
export const ownArg = [{ name: 'ID', field: 'id', own: true }] as const
export const manyArg = [{ name: 'ID', field: 'id', many: true }] as const

/** Each text can be given as it is, or in a file. */
export const summaryFlags = [
  { flag: '--summary', value: 'S', field: 'summary' },
  { flag: '--summary-file', value: 'F|-', field: 'summary', parse: 'file' },
  { flag: '--metadata', value: 'JSON', field: 'metadata', parse: 'json' },
  { flag: '--metadata-file', value: 'F|-', field: 'metadata', parse: 'json-file' },
] as const
export const noteFlags = [
  { flag: '--note', value: 'N', field: 'note' },
  { flag: '--note-file', value: 'F|-', field: 'note', parse: 'file' },
] as const
export const reasonFlags = [
  { flag: '--reason', value: 'R', field: 'reason' },
  { flag: '--reason-file', value: 'F|-', field: 'reason', parse: 'file' },
] as const

/** The choices for the start of a workflow. Texts are converted to the types of the inputs. */
export const workflowStartInputs = lazily(() => ({
  inputs: jsonObject().default({}).describe('Values of the inputs, by name'),
  roles: z.record(z.string(), profileName()).default({}).describe('Role → profile'),
}))
export const workflowStartFlags = [
  { flag: '--input', value: 'K=V', field: 'inputs', parse: 'pair', many: true },
  { flag: '--role', value: 'ROLE=PROFILE', field: 'roles', parse: 'pair', many: true },
] as const
