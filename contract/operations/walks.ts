import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { itemOf, workflowItem } from '../rows.ts'
import { jsonObject, optionalText, requiredText, taskId, TEXT_LIMITS } from '../values.ts'
import { END_STATES, LIST_CHANGES } from '../workflow-kinds.ts'
import {
  boardField,
  idArg,
  note,
  reasonFlags,
  taskAnswer,
  taskInput,
  workflowStartFlags,
  workflowStartInputs,
} from './shared.ts'
import { asked } from './asked.ts'
import { shownStep, verdict, workflowName, type workflowOperations } from './workflows.ts'

/** Operations on the walk of a card through a workflow: its start, and the verbs of a person. */

const stepKey = lazily(() =>
  z
    .string({ error: 'expected the key of a step' })
    .trim()
    .regex(/^[a-z][a-z0-9_]{0,39}$/, { error: 'step: use a–z, 0–9 and _, beginning with a letter' })
    .describe('Key of the step'),
)
const reason = lazily(() => requiredText('reason', TEXT_LIMITS.note))

/** How a list was edited at an approve step: one entry for each item that is not as it was. */
const listChange = lazily(() =>
  z
    .object({
      change: z.enum(LIST_CHANGES),
      /** Its place in the list before and after, from 1; null where it is not in that list. */
      from: z.int().nullable(),
      to: z.int().nullable(),
      before: z.json().nullable(),
      after: z.json().nullable(),
    })
    .meta({ id: 'ListChange' }),
)

const visit = lazily(() =>
  z
    .object({
      id: z.int(),
      step: z.string(),
      visit: z.int(),
      entered_at: z.int(),
      entered_by: z.string(),
      from: z.string().nullable(),
      via: z.string().nullable(),
      left_at: z.int().nullable(),
      verdict: z.string().nullable(),
      /** A verdict that was given, but that a limit stopped. */
      held_verdict: z.string().nullable(),
      summary: z.string().nullable(),
      outputs: jsonObject().nullable(),
      head_in: z.string().nullable(),
      head_out: z.string().nullable(),
      valid: z.boolean(),
      /** The visit of an earlier walk whose result it only repeats; null for a visit of this walk. */
      copied_from: z.int().nullable(),
      /** Why the card cannot be started again from it; null when it can. */
      no_restart: z.string().nullable(),
      /** The items of a map step, in the order of the list; empty for other steps. */
      items: z.array(workflowItem().extend({ input: z.json() })),
      /** At an approve step with a list, how the person changed it; null where nothing was changed. */
      edited: z.object({ name: z.string(), changes: z.array(listChange()) }).nullable(),
    })
    .meta({ id: 'WorkflowVisit' }),
)

const walk = lazily(() =>
  z
    .object({
      id: z.int(),
      task_id: z.string(),
      workflow: z.string(),
      version: z.int(),
      title: z.string(),
      inputs: jsonObject(),
      roles: z.record(z.string(), z.string()),
      started_by: z.string(),
      started_at: z.int(),
      ended_at: z.int().nullable(),
      end: z.string().nullable(),
      end_state: z.enum(END_STATES).nullable(),
      steps: z.array(shownStep()),
      visits: z.array(visit()),
      /** The open question to a person, with the values to show; null without one. */
      asks: asked().nullable(),
      /** The verdicts that the open step may have. */
      verdicts: z.array(z.string()),
      /** Every way back, with the rounds used and its limit. */
      rounds: z.array(
        z.object({ from: z.string(), verdict: z.string(), to: z.string(), used: z.int(), max: z.int() }),
      ),
    })
    .meta({ id: 'Walk' }),
)

export const walkOperations = declareOperations({
  'task.walk': {
    summary: 'Show the walk of a card through its workflow, with every visit',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput() }),
    output: () =>
      z.object({
        walks: z.array(walk()),
        /** The carrier of a card that is an item; null for any other card. */
        item_of: itemOf().nullable(),
      }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/walk' },
    cli: { verb: 'walk', args: [{ name: 'ID', field: 'id', own: true }], view: 'walk' },
  },
  'workflow.start': {
    summary: 'Start a workflow on a card that has none, and that is neither running nor finished',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), name: workflowName(), ...workflowStartInputs() }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'planner',
    http: { method: 'POST', path: '/tasks/{id}/start' },
    cli: {
      verb: 'start',
      args: [
        { name: 'ID', field: 'id' },
        { name: 'NAME', field: 'name' },
      ],
      flags: workflowStartFlags,
      view: 'task',
    },
    mcp: {
      tool: 'workflow_start',
      description: 'Start a workflow on a card. The card then moves through the steps by itself.',
      planner: true,
    },
  },
  'task.goto': {
    summary: 'Send a card to another step of its workflow; the steps after it are done again',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), step: stepKey(), reason: reason() }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/goto' },
    cli: {
      verb: 'goto',
      args: [
        { name: 'ID', field: 'id' },
        { name: 'STEP', field: 'step' },
      ],
      flags: reasonFlags,
      view: 'task',
    },
  },
  'task.skip': {
    summary: 'Give the verdict of the open step by hand, in place of its worker',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), verdict: verdict(), reason: reason() }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/skip' },
    cli: {
      verb: 'skip',
      args: idArg,
      flags: [{ flag: '--verdict', value: 'V', field: 'verdict' }, ...reasonFlags],
      view: 'task',
    },
  },
  'task.let_item_go': {
    summary: 'Let an item of a map step go: its carrier continues without it, and its own card is held',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        item: requiredText('item', 200).describe('Key of the item'),
        reason: reason(),
      }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/let-go' },
    cli: {
      verb: 'let-go',
      args: [
        { name: 'ID', field: 'id' },
        { name: 'ITEM', field: 'item' },
      ],
      flags: reasonFlags,
      view: 'task',
    },
  },
  'task.more_rounds': {
    summary: 'Let a card take one more round after its loop has reached the limit',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), reason: reason() }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/more-rounds' },
    cli: { verb: 'more-rounds', args: idArg, flags: reasonFlags, view: 'task' },
  },
  'task.cancel_workflow': {
    summary: 'End the walk of a card; the card stays where it is, without a workflow',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), reason: reason() }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/cancel-workflow' },
    cli: { verb: 'cancel-workflow', args: idArg, flags: reasonFlags, view: 'task' },
  },
  'task.restart': {
    summary:
      'Start a card again from an earlier visit, in a fresh worktree of the work as it was then; the old worktree stays',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        from: z
          .int({ error: 'from must be the number of a visit' })
          .min(1)
          .describe('The visit whose step is done again; “runboard walk ID” has its number'),
        current_version: z
          .boolean({ error: 'current_version must be true or false' })
          .default(false)
          .describe('Walk through the workflow as it is now, instead of the version that the card was on'),
        reason: optionalText('reason', TEXT_LIMITS.note),
      }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/restart' },
    cli: {
      verb: 'restart',
      args: idArg,
      flags: [
        { flag: '--from', value: 'VISIT', field: 'from', parse: 'int' },
        { flag: '--current-version', field: 'current_version', parse: 'flag' },
        ...reasonFlags,
      ],
      view: 'task',
    },
  },
  'task.merge_step': {
    summary: 'Carry out the merge step that this run is for, and report how it went',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...boardField(), id: taskId(), note: note() }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'STALE_RUN', 'UNAUTHORIZED'],
    worker: 'own',
    cli: { verb: 'merge-step', args: [{ name: 'ID', field: 'id', own: true }], view: 'quiet' },
  },
} as const satisfies Record<string, OperationDeclaration>)

type Specs = typeof workflowOperations & typeof walkOperations

/** The answers of these operations, by the second part of their names. */
export type WorkflowAnswers = {
  [N in keyof Specs as N extends `${string}.${infer Verb}` ? Verb : never]: z.output<Specs[N]['output']>
}
