import { freezeContext } from './freeze-context.ts'
import {
  type CheckedInput,
  isSatisfied,
  OperationError,
  type OperationOutput,
  type Question,
  type TaskStatus,
} from '../../contract/index.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import { linkTasks } from '../lifecycle/dependencies.ts'
import { editFinished } from '../lifecycle/edit-finished.ts'
import { getTask } from '../lifecycle/moved.ts'
import { addToPlan, plannedBy } from '../lifecycle/plan.ts'
import { holdProposal } from '../lifecycle/propose.ts'
import { deleteTask } from '../lifecycle/archive.ts'
import { refuseVerb, requireTask } from '../lifecycle/transition.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import { dropKeptWork } from '../board/kept-work.ts'
import { presentRun, presentTask } from '../board/present.ts'
import { searchTasks } from '../board/search.ts'
import { matchesOf } from '../board/search-matches.ts'
import * as cards from '../tables/cards.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as runHistory from '../tables/run-history.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { newestComments, newestEvents, newestRuns, omittedOf } from './newest.ts'
import { boardFacts, requireAll, whyOf } from '../board/facts.ts'
import { CardsPage, omittedTasks, rowsOf } from './cards-page.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { refuseIfChanged, replacedHandoff, valuesOf } from './edit-checks.ts'
import { findMergedByHand } from './merging.ts'
import { chooseStart, templatesOf } from './choose-workflow.ts'
import { startWorkflow, type WorkflowStart } from '../lifecycle/start-workflow.ts'
import { isReservedProfile } from '../../contract/workflow-kinds.ts'
import { itemsInDetail } from './shown-items.ts'
import { missingWork } from './missing-work.ts'
import { taskWarnings, withWarnings } from './warnings.ts'
import { workHead } from '../board/work-head.ts'
import { refuseOwnCheck, refuseStartByWorker } from './worker-rights.ts'
import {
  defaultWorkspace,
  parseWorkspace,
  refuseWorktree,
  type WorkspaceChoice,
  whyNoWorktreeTask,
  workspaceOfParent,
} from '../board/workspace-choice.ts'
import { attachFiles } from '../lifecycle/attach.ts'
import { withFiles } from './attachments.ts'
import { presentListed } from '../board/present-question.ts'
import * as questions from '../tables/questions.ts'
import * as taskAttachments from '../tables/task-attachments.ts'
import { presentAttachment } from '../board/attachment-files.ts'
import { insertNewTask, type NewTask } from '../lifecycle/create-task.ts'

const NO_LIMIT = 1_000_000_000
/** Maximum tasks of a list that are searched for matches to show. */
const MATCHED = 50

export const taskHandlers = {
  'task.create': createTask,

  'task.list': async (context, input) => {
    const { services, board, read, caller } = context
    if (input.merged === false) await findMergedByHand(context)
    const statuses = input.merged === false && input.status.length === 0 ? finishedOf(input) : input.status
    const found = searchTasks(read, input.search)
    const filter = {
      statuses: JSON.stringify(statuses),
      archived: input.archived || statuses.includes('archived') ? 1 : 0,
      assignee: input.mine ? ownProfile(caller.worker?.profile, services.env) : (input.assignee ?? null),
      tenant: input.tenant ?? null,
      labels: JSON.stringify(input.labels),
      workflow_template_id: input.workflow_template_id ?? null,
      current_step_key: input.current_step_key ?? null,
      stage: input.stage ?? null,
      search: found === null ? null : JSON.stringify(found),
      merge_state: input.merged === undefined ? null : input.merged ? 'merged' : 'not_merged',
      limit: input.limit ?? NO_LIMIT,
      offset: input.offset ?? 0,
    }
    return board.connection.snapshot((snapshot) => {
      const ids = snapshot.all(cards.list[input.sort ?? '-priority'], filter).map(({ id }) => id)
      const tasks = new CardsPage(boardFacts(services, board)).take(rowsOf(snapshot, ids))
      const next = filter.offset + tasks.length
      const { search } = input
      const matches =
        input.matches && search !== undefined
          ? tasks.slice(0, MATCHED).flatMap(({ id }) => matchesOf(snapshot, id, search))
          : undefined
      return {
        tasks,
        ...(matches === undefined ? {} : { matches }),
        ...omittedTasks(ids.length - tasks.length, `“--offset ${next}” continues from there.`),
      }
    })
  },

  'task.show': ({ services, board }, { id, ...before }) => {
    return board.connection.snapshot((read) => {
      const task = requireTask(read, id)
      const now = services.clock()
      const comments = newestComments(read, id, before.comments_before)
      const events = newestEvents(read, id, before.events_before)
      const runs = newestRuns(read, id, now, before.runs_before)
      return {
        task: presentTask(task),
        comments: comments.shown,
        questions: questionsOf(read, id),
        events: events.shown,
        ...linksOf(read, id),
        runs: runs.shown,
        attachments: read
          .all(taskAttachments.ofTask, { task_id: id })
          .map((row) => presentAttachment(board, row)),
        ...itemsInDetail(read, id),
        why: whyOf(services, board, task),
        ...omittedOf(id, comments, events, runs),
      }
    })
  },

  'task.why': async ({ services, board, read }, { id }) => {
    const task = requireTask(read, id)
    return { why: whyOf(services, board, task), notes: await missingWork(board, task) }
  },

  'task.context': async (context, { id }) => {
    requireTask(context.read, id)
    return freezeContext(context, id)
  },

  'task.edit': async (context, input) => {
    refuseOwnCheck(context.worker, input)
    if (input.assignee !== undefined) refuseOnWalk(context, input.id)
    const { task, run } = await context.write((tx) => {
      const edited = editTask(tx, input, context.caller.trigger)
      if (context.proposed.length === 0) return edited
      return { ...edited, task: holdProposal(tx, edited.task, context.proposed) }
    })
    return { ...answer(context, task, run), ...withWarnings(taskWarnings(context.services, task, input)) }
  },

  'task.assign': async (context, { id, assignee }) => {
    refuseOnWalk(context, id)
    const task = await context.write((tx) => assignTask(tx, requireTask(tx, id), assignee))
    return {
      ...answer(context, task, null),
      ...withWarnings(taskWarnings(context.services, task, { assignee })),
    }
  },

  'task.delete': async ({ board, read, services, write }, { id }) => {
    const task = requireTask(read, id)
    await write((tx) => deleteTask(tx, requireTask(tx, id)))
    // The task is deleted even if git fails.
    await dropKeptWork(board, task).catch((error: unknown) =>
      services.report(`the kept work of task ${id} could not be deleted`, error),
    )
    return { deleted: true, id }
  },
} satisfies Partial<BoardHandlers>

function finishedOf({ archived }: { archived: boolean }): TaskStatus[] {
  return archived ? ['done', 'archived'] : ['done']
}

/** The answer of a verb on one task. */
export function answer(
  context: BoardContext,
  task: TaskRow,
  run: RunRow | null,
): OperationOutput<'task.complete'> {
  const shown = { task: presentTask(task) }
  return run === null ? shown : { ...shown, run: presentRun(run, context.services.clock()) }
}

function ownProfile(profile: string | null | undefined, env: Record<string, string | undefined>): string {
  const own = profile ?? env['RUNBOARD_PROFILE']
  if (own !== undefined && own !== '') return own
  throw new OperationError('INVALID_INPUT', '“mine” is for workers: RUNBOARD_PROFILE is not set here.')
}

/** How many questions of a task `show` returns, and all open ones: a run can ask many while an early one stays open. */
const SHOWN_QUESTIONS = 100

function questionsOf(read: Reader, id: string): Question[] {
  const limited = { task_id: id, limit: SHOWN_QUESTIONS }
  const newest = read.all(questions.ofTask, limited).reverse()
  const earlier = read.all(questions.openOfTask, limited).filter((open) => open.id < (newest[0]?.id ?? 0))
  return [...earlier, ...newest].map(presentListed)
}

function linksOf(read: Reader, id: string): Pick<OperationOutput<'task.show'>, 'links' | 'unmerged_parents'> {
  const parents = read.all(taskLinks.parentsOf, { id })
  const isUnmerged = ({ id: parent, status }: { id: string; status: TaskStatus }) =>
    isSatisfied(status) && read.get(tasks.byId, { id: parent })?.merge_state === 'not_merged'
  return {
    links: {
      parents: parents.map((parent) => parent.id),
      children: read.all(taskLinks.childrenOf, { id }).map((child) => child.id),
    },
    unmerged_parents: parents.filter(isUnmerged).map((parent) => parent.id),
  }
}

async function createTask(
  context: BoardContext,
  input: CheckedInput<'task.create'>,
): Promise<OperationOutput<'task.create'>> {
  const settings = context.board.settings()
  const chosen = parseWorkspace(input.workspace ?? (await defaultWorkspace(settings)))
  if (input.branch !== null && (chosen === 'parent' || chosen.kind !== 'worktree')) {
    throw new OperationError('INVALID_INPUT', 'Only a task with its own worktree can have a branch.')
  }
  const start = await startOfNew(context, input)
  const head = start !== null && chosen === 'parent' ? await headOfParent(context, input) : null
  const mayNeedWorktree = chosen === 'parent' || chosen.kind === 'worktree'
  const worktreeProblem = mayNeedWorktree ? await whyNoWorktreeTask(context.board) : null
  const answer = await withFiles(context, input, (files) =>
    context.write((tx) => {
      const known =
        input.idempotency_key === null
          ? undefined
          : tx.get(tasks.byIdempotencyKey, { key: input.idempotency_key })
      if (known !== undefined) {
        for (const file of files) file.discard()
        return { task: presentTask(known), created: false }
      }
      const ids = [...new Set([...input.parents, ...input.children])]
      if (ids.length > 0) {
        const found = tx.all(tasks.existing, { ids: JSON.stringify(ids) })
        requireAll(tx, new Set(found.map((row) => row.id)), ids)
      }
      const parents = [...new Set(input.parents)].map((id) => requireTask(tx, id))
      const planned = plannedBy(tx, context.worker?.run_id)
      const workspace = chosen === 'parent' ? workspaceOfParent(parents) : chosen
      const wanted = newTaskOf(input, workspace, parents, planned)
      const isElsewhere = hasOwnProject(tx, wanted.workspace_of)
      if (wanted.workspace_kind === 'worktree' && worktreeProblem !== null && !isElsewhere)
        throw refuseWorktree(worktreeProblem)
      const inserted = insertNewTask(tx, wanted)
      attachFiles(tx, inserted, files, null)
      tellCreated(tx, context, input, inserted)
      const task = context.proposed.length === 0 ? inserted : holdProposal(tx, inserted, context.proposed)
      for (const parent of parents) linkTasks(tx, parent, task)
      for (const child of new Set(input.children)) linkTasks(tx, task, requireTask(tx, child))
      const placed = planned === null ? task : addToPlan(tx, planned, task, settings.accept_plans)
      const settled = start === null ? placed : startWorkflow(tx, getTask(tx, placed.id), start, head)
      return { task: presentTask(settled), created: true }
    }),
  )
  if (!answer.created) return answer
  return { ...answer, ...withWarnings(taskWarnings(context.services, answer.task, input)) }
}

/** Whether the task that shares its workspace, an item of a map step, works in another project than that of the board. */
function hasOwnProject(read: Reader, sharing: string | null | undefined): boolean {
  return sharing != null && read.get(tasks.byId, { id: sharing })?.project_dir != null
}

/** @returns the commit of the work in the workspace of the first parent, which a new task shares */
async function headOfParent(
  { board, read }: BoardContext,
  { parents: [id] }: CheckedInput<'task.create'>,
): Promise<string | null> {
  return id === undefined ? null : workHead(board, requireTask(read, id))
}

/**
 * Chooses the workflow to start a new task on. A name without a workflow file is only a label, which callers from before
 * workflows use, unless inputs or roles show that a start is meant.
 */
async function startOfNew(
  context: BoardContext,
  input: CheckedInput<'task.create'>,
): Promise<WorkflowStart | null> {
  const { inputs, roles, workflow_template_id: name } = input
  const isMeant = Object.keys(inputs).length > 0 || Object.keys(roles).length > 0
  if (name === null) {
    if (isMeant)
      throw new OperationError(
        'INVALID_INPUT',
        'Inputs and roles belong to a workflow: name it with --workflow.',
      )
    return null
  }
  // A name with a step is a label too: a walk always begins at the first step.
  const isLabel = input.current_step_key !== null || !templatesOf(context).some((one) => one.name === name)
  if (isLabel && !isMeant) return null
  refuseStartByWorker(context)
  return chooseStart(context, input, { name, inputs, roles })
}

/** A planned task inherits tenant, priority and workspace from the task it is planned for, unless it sets its own. */
function newTaskOf(
  input: CheckedInput<'task.create'>,
  workspace: WorkspaceChoice,
  parents: readonly TaskRow[],
  planned: TaskRow | null,
): NewTask {
  const takesOver = planned !== null && input.workspace === null && planned.workspace_kind === 'dir'
  return {
    ...input,
    waits: parents.some((parent) => !isSatisfied(parent.status)),
    tenant: input.tenant ?? planned?.tenant ?? null,
    priority: input.priority === 0 ? (planned?.priority ?? 0) : input.priority,
    workspace_kind: takesOver ? planned.workspace_kind : workspace.kind,
    workspace_path: takesOver ? planned.workspace_path : workspace.path,
    workspace_of: workspace.of,
  }
}

function tellCreated(
  tx: WriteTx,
  context: BoardContext,
  input: CheckedInput<'task.create'>,
  task: TaskRow,
): void {
  writeEvent(tx, 'created', task.id, null, {
    status: task.status,
    assignee: task.assignee,
    parents: input.parents,
    children: input.children,
    tenant: task.tenant,
    by_run: context.worker?.run_id ?? null,
  })
}

function assignTask(tx: WriteTx, task: TaskRow, assignee: string | null): TaskRow {
  if (task.status === 'running') {
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} is running; its worker would not change. Stop or reclaim it first.`,
      { id: task.id, status: task.status },
    )
  }
  if (task.status === 'archived') throw refuseVerb(task, 'reassigned')
  if (isReservedProfile(task.assignee) && task.workflow_run_id !== null)
    throw new OperationError(
      'CONFLICT',
      `The step “${task.current_step_key ?? ''}” of task ${task.id} is run by Runboard itself. “runboard skip ${task.id}” gives its verdict by hand.`,
      { id: task.id },
    )
  if (task.assignee === assignee) return task
  tx.returning(tasks.setAssignee, { id: task.id, assignee, now: tx.now })
  tx.run(tasks.setFailures, { id: task.id, failures: 0, error: null })
  tx.returning(tasks.setRetryAt, { id: task.id, retry_at: null, now: tx.now })
  writeEvent(tx, 'assigned', task.id, null, { assignee, from: task.assignee })
  return getTask(tx, task.id)
}

/**
 * The workflow assigns the profile of each step. It may require that a reviewer is not the profile whose work it reviews, so
 * workers may not change it.
 */
function refuseOnWalk({ read, worker }: Pick<BoardContext, 'read' | 'worker'>, id: string): void {
  if (worker === undefined || requireTask(read, id).workflow_run_id === null) return
  throw new OperationError('CONFLICT', `Task ${id} is on a workflow, which assigns its steps.`, { id })
}

/** On a walk, only the engine changes the step of the card. */
function refuseStepByHand(
  { id, workflow_run_id }: TaskRow,
  { current_step_key, workflow_template_id }: CheckedInput<'task.edit'>,
): void {
  if (workflow_run_id === null) return
  if (current_step_key === undefined && workflow_template_id === undefined) return
  throw new OperationError(
    'CONFLICT',
    `Task ${id} is on a workflow, which sets its step. “runboard goto ${id} STEP --reason R” sends it to another step.`,
    { id },
  )
}

function editTask(
  tx: WriteTx,
  input: CheckedInput<'task.edit'>,
  trigger: BoardContext['caller']['trigger'],
): { task: TaskRow; run: RunRow | null } {
  let task = requireTask(tx, input.id)
  const given = Object.entries(input).filter(
    ([key, value]) => !['id', 'board', 'expected'].includes(key) && value !== undefined,
  )
  if (given.length === 0)
    throw new OperationError('INVALID_INPUT', 'Nothing to edit: pass at least one field.')
  refuseIfChanged(task, input)
  refuseStepByHand(task, input)
  if (input.branch != null && task.workspace_kind !== 'worktree') {
    const why = `Task ${task.id} has no worktree of its own, so it cannot have a branch.`
    throw new OperationError('CONFLICT', why, { id: task.id, workspace_kind: task.workspace_kind })
  }
  const finished = { result: input.result, summary: input.summary, metadata: input.metadata }
  const editsFinished = Object.values(finished).some((value) => value !== undefined)
  const handoff = editsFinished ? tx.get(runHistory.newestHandoff, { task_id: task.id }) : undefined
  const run = editsFinished ? editFinished(tx, task, finished, trigger) : null
  if (input.assignee !== undefined) task = assignTask(tx, task, input.assignee)
  const columns = editedColumns(task, input)
  const changed = changedFields(task, columns)
  tx.returning(tasks.edit, { ...columns, id: task.id, now: tx.now })
  const edited = changed.filter((field) => field !== 'priority')
  if (changed.includes('priority')) {
    // The place was one among cards of the old priority.
    if (task.rank !== null) tx.returning(tasks.setRank, { id: task.id, rank: null })
    writeEvent(tx, 'reprioritized', task.id, null, { priority: input.priority, from: task.priority })
  }
  const handoffFields = (['summary', 'metadata'] as const).filter((field) => input[field] !== undefined)
  if (edited.length + handoffFields.length > 0) {
    const from = { ...valuesOf(task, edited), ...replacedHandoff(handoff, run) }
    writeEvent(tx, 'edited', task.id, null, { fields: [...edited, ...handoffFields], from })
  }
  return { task: getTask(tx, task.id), run }
}

function changedFields(task: TaskRow, edited: EditedColumns): string[] {
  return tasks.editableColumns().filter((column) => edited[column] !== task[column])
}

type EditedColumns = Pick<TaskRow, tasks.EditableColumn>

/** The editable columns after the edit. */
function editedColumns(task: TaskRow, input: CheckedInput<'task.edit'>): EditedColumns {
  const columns = tasks.editableColumns().map((column) => {
    const value = input[column]
    if (value === undefined) return [column, task[column]]
    return [column, Array.isArray(value) ? JSON.stringify(value) : value]
  })
  return Object.fromEntries(columns) as EditedColumns
}
