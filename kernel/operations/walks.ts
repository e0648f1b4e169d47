import { OperationError, type OperationOutput } from '../../contract/index.ts'
import { keepWork } from '../board/kept-work.ts'
import { workHead } from '../board/work-head.ts'
import { advanceByPerson, advanceTask } from '../lifecycle/advance.ts'
import { continueWithout } from '../lifecycle/block.ts'
import { promoteIfSatisfied } from '../lifecycle/dependencies.ts'
import { checkAnswer } from '../lifecycle/check-answer.ts'
import { letGo } from '../lifecycle/items.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import { shownItemOf, shownItems } from './shown-items.ts'
import { cancelWalk } from '../lifecycle/cancel-walk.ts'
import { getTask } from '../lifecycle/moved.ts'
import { whyNoRestart, whyNotFrom } from '../lifecycle/restart.ts'
import { startWorkflow } from '../lifecycle/start-workflow.ts'
import { refuseVerb, requireTask } from '../lifecycle/transition.ts'
import { openWalkOf, type OpenWalk, readWalk } from '../lifecycle/walk.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import type { VisitRow, WorkflowRunRow } from '../tables/workflow-runs.ts'
import { roundsOf, valuesOf } from '../workflow/engine.ts'
import { NO_ANSWER } from '../workflow/answer.ts'
import { graphOf, reportableVerdicts, waysOf } from '../workflow/graph.ts'
import { chooseStart, runsVerifyCommand } from './choose-workflow.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { askedAt, editedIn } from './question.ts'
import { startAgain } from './restart.ts'
import { runMergeStep } from './run-merge-step.ts'
import { answer } from './tasks.ts'
import { withWarnings } from './warnings.ts'
import { shownStep } from './workflows.ts'

export const walkHandlers = {
  'task.walk': ({ read }, { id }) => {
    const task = requireTask(read, id)
    return {
      walks: read.all(workflowRuns.ofTask, { task_id: task.id }).map((row) => shownWalk(read, task, row)),
      item_of: shownItemOf(read, task.id),
    }
  },

  'workflow.start': async (context, { id, name, inputs, roles }) => {
    const task = requireTask(context.read, id)
    const start = await chooseStart(context, task, { name, inputs, roles })
    const head = await workHead(context.board, task)
    const started = await context.write((tx) => startWorkflow(tx, requireTask(tx, id), start, head))
    return {
      ...answer(context, started, null),
      ...withWarnings(startWarnings(task, start.workflow.definition)),
    }
  },

  'task.goto': async (context, { id, step, reason }) => {
    const head = await keepWork(context.board, requireTask(context.read, id))
    return byPerson(context, id, (tx, task, open) => {
      refuseRunning(task, 'sent to another step')
      const target = graphOf(open.walk.definition).steps.get(step)
      if (target === undefined || target.kind === 'end' || target.kind === 'decide')
        throw new OperationError(
          'CONFLICT',
          `Task ${id} cannot go to “${step}”. Use one of: ${stepsToGo(open).join(', ')}.`,
          { id, steps: stepsToGo(open) },
        )
      writeEvent(tx, 'went_back', task.id, null, { from: open.step.key, to: step, reason })
      const result = { summary: null, metadata: null, head }
      return advanceByPerson(tx, task, open, { event: 'go_to', step }, result)
    })
  },

  'task.skip': async (context, { id, verdict, reason }) => {
    const head = await keepWork(context.board, requireTask(context.read, id))
    return byPerson(context, id, (tx, task, open) => {
      refuseRunning(task, 'skipped')
      const ways = waysOf(open.step).map((way) => way.verdict)
      if (!ways.includes(verdict))
        throw new OperationError(
          'CONFLICT',
          `The step “${open.step.key}” of task ${id} has no verdict “${verdict}”. Use one of: ${ways.join(', ')}.`,
          { id, step: open.step.key, verdicts: ways },
        )
      writeEvent(tx, 'step_skipped', task.id, null, { step: open.step.key, verdict, reason })
      const metadata = open.step.kind === 'approve' ? checkAnswer(open, id, verdict, NO_ANSWER) : null
      const end = { verdict, summary: reason, metadata, head, by_person: true }
      return advanceTask(tx, task, open, end, { run_id: null })
    })
  },

  'task.let_item_go': (context, { id, item, reason }) =>
    byPerson(context, id, (tx, task, open) => {
      if (open.step.kind !== 'map')
        throw new OperationError('CONFLICT', `The step “${open.step.key}” of task ${id} has no items.`, {
          id,
        })
      const rows = tx.all(workflowItems.ofVisit, { visit_id: open.visit.id })
      const row = rows.find(({ item_key }) => item_key === item)
      if (row === undefined)
        throw new OperationError(
          'NOT_FOUND',
          `Task ${id} has no item “${item}”. “runboard walk ${id}” lists its items.`,
          { id, items: rows.slice(0, 100).map(({ item_key }) => item_key) },
        )
      letGo(tx, task, open.visit, row, reason)
      continueWithout(tx, task, reason)
      return getTask(tx, task.id)
    }),

  'task.more_rounds': (context, { id, reason }) =>
    byPerson(context, id, (tx, task, open) => {
      const { held_verdict, head_out, outputs, summary } = open.visit
      if (held_verdict === null || task.status !== 'blocked')
        throw new OperationError('CONFLICT', `Task ${id} is not stopped by a limit of rounds.`, { id })
      const metadata = outputs === null ? null : (JSON.parse(outputs) as Record<string, unknown>)
      const end = { summary, metadata, head: head_out }
      writeEvent(tx, 'unblocked', task.id, null, {
        answer: reason,
        step: open.step.key,
        one_more_round: true,
      })
      return advanceByPerson(tx, task, open, { event: 'one_more_round', verdict: held_verdict, ...end }, end)
    }),

  'task.cancel_workflow': async (context, { id, reason }) => {
    const head = await keepWork(context.board, requireTask(context.read, id))
    return byPerson(context, id, (tx, task, open) => {
      refuseRunning(task, 'taken off its workflow')
      cancelWalk(tx, task, open, { head, reason })
      promoteIfSatisfied(tx, task.id, task.id)
      return getTask(tx, task.id)
    })
  },

  'task.restart': async (context, { id, from, current_version, reason }) =>
    answer(context, await startAgain(context, { id, from, current_version, reason }), null),

  'task.merge_step': async (context, { id }) => {
    const { run, task } = await runMergeStep(context, id)
    return answer(context, task, run)
  },
} satisfies Partial<BoardHandlers>

/** @returns warnings for the person who starts a workflow */
function startWarnings(task: TaskRow, { name, steps }: OpenWalk['walk']['definition']): string[] {
  const runsIt = steps.some(runsVerifyCommand)
  const unused =
    task.verify_command === null || runsIt
      ? []
      : [`“${name}” has no step that runs the verify command of the card, so it is not run.`]
  const readOnly = steps.filter((step) => step.kind === 'work' && step.workspace === 'read-only')
  const isChecked = task.workspace_kind !== 'scratch' || readOnly.length === 0
  return [
    ...unused,
    ...(isChecked || steps.some(({ kind }) => kind === 'merge')
      ? []
      : [
          `The workspace is not a git worktree, so Runboard cannot check that “${readOnly[0]?.key ?? ''}” only reads.`,
        ]),
  ]
}

function stepsToGo({ walk, step: here }: OpenWalk): string[] {
  return walk.definition.steps
    .filter(({ key, kind }) => key !== here.key && kind !== 'end' && kind !== 'decide')
    .map(({ key }) => key)
}

function refuseRunning(task: TaskRow, word: string): void {
  if (task.status === 'running') throw refuseVerb(task, word)
}

async function byPerson(
  context: BoardContext,
  id: string,
  verb: (tx: WriteTx, task: TaskRow, open: OpenWalk) => TaskRow,
): Promise<OperationOutput<'task.goto'>> {
  const task = await context.write((tx) => {
    const row = requireTask(tx, id)
    const open = openWalkOf(tx, row)
    if (open === null) throw new OperationError('CONFLICT', `Task ${id} is not on a workflow.`, { id })
    return verb(tx, row, open)
  })
  return answer(context, task, null)
}

function shownWalk(
  read: Reader,
  task: TaskRow,
  row: WorkflowRunRow,
): OperationOutput<'task.walk'>['walks'][number] {
  const { template, visits, walk } = readWalk(read, row)
  const { definition } = walk
  const isOpen = row.ended_at === null
  const step = isOpen ? graphOf(definition).steps.get(visits.at(-1)?.step_key ?? '') : undefined
  const back = definition.steps.flatMap(waysOf).filter(({ max_rounds }) => max_rounds !== null)
  return {
    id: row.id,
    task_id: task.id,
    workflow: template.name,
    version: template.version,
    title: template.title,
    inputs: walk.inputs as Record<string, never>,
    roles: JSON.parse(row.roles) as Record<string, string>,
    started_by: row.started_by,
    started_at: row.started_at,
    ended_at: row.ended_at,
    end: row.end_key,
    end_state: row.end_state,
    steps: definition.steps.map(shownStep),
    visits: visits.map((visit, index) => ({
      ...shownVisit(visit),
      edited: editedIn(walk, index),
      no_restart:
        whyNoRestart(read, task) ?? whyNotFrom(visit, graphOf(definition).steps.get(visit.step_key)?.kind),
      items:
        graphOf(definition).steps.get(visit.step_key)?.kind === 'map'
          ? shownItems(read, workflowRuns.itemsVisitOf(visit))
          : [],
    })),
    asks: step?.kind === 'approve' ? askedAt(definition, step, valuesOf(walk)) : null,
    verdicts: step === undefined ? [] : reportableVerdicts(step),
    rounds: back.map((way) => ({
      from: way.from,
      verdict: way.verdict,
      to: way.to,
      used: roundsOf(walk.visits, way),
      max: way.max_rounds ?? 0,
    })),
  }
}

function shownVisit(
  row: VisitRow,
): Omit<OperationOutput<'task.walk'>['walks'][number]['visits'][number], 'items' | 'edited' | 'no_restart'> {
  return {
    id: row.id,
    step: row.step_key,
    visit: row.visit,
    entered_at: row.entered_at,
    entered_by: row.entered_by,
    from: row.entered_from,
    via: row.entered_via,
    left_at: row.left_at,
    verdict: row.verdict,
    held_verdict: row.held_verdict,
    summary: row.summary,
    outputs: row.outputs === null ? null : (JSON.parse(row.outputs) as Record<string, never>),
    head_in: row.head_in,
    head_out: row.head_out,
    valid: row.valid === 1,
    copied_from: row.copied_from,
  }
}
