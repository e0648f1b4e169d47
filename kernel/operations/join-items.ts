import { plural } from '../../formats/count.ts'
import { seeWork, workOf } from '../board/task-work.ts'
import { keepWork } from '../board/kept-work.ts'
import { endJoin, sendItemBack } from '../lifecycle/end-join.ts'
import { isSentBackOften, itemsToJoin, type PutRight, recordJoined, sentenceOf } from '../lifecycle/join.ts'
import type { KnownMerge } from '../lifecycle/merge.ts'
import { getTask, type Moved } from '../lifecycle/moved.ts'
import { requireTask } from '../lifecycle/transition.ts'
import type { OpenWalk } from '../lifecycle/walk.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { ItemRow } from '../tables/workflow-items.ts'
import { conflictsOf, putBack, takeBack, takeIn } from '../workers/changes/join-work.ts'
import { mergeWork } from '../workers/changes/merge-work.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'
import type { BoardContext } from './handler.ts'
import { checkOutput } from './merge-step.ts'
import { refuseAtWork, refusingInSentences } from './merging.ts'

/** The result of joining the work of one item. */
type Joined =
  { kind: 'joined'; merge: KnownMerge | null } | { kind: 'problem'; problem: PutRight; head: string }

/**
 * Joins the branches of the items of a card at a map step into the branch of the card, in its worktree, one after the
 * other. Each is recorded as soon as it is joined, so that the next run can continue after a run that is killed. An item whose
 * work conflicts, or fails the check, is sent back; items that come after it wait for it, and the others are joined.
 */
export async function joinItemsOf(context: BoardContext, task: TaskRow, open: OpenWalk): Promise<Moved> {
  const said: string[] = []
  const open_keys = new Set<string>()
  let stuck: string | null = null
  const verify = open.step.kind === 'map' && open.step.verify === true
  const seen = new Set<string>()
  // Read again before each: meanwhile a person may have let an item go, or opened its card again.
  const next = () => itemsToJoin(context.read, open).find(({ item }) => !seen.has(item.item_key))
  for (let one = next(); one !== undefined; one = next()) {
    const { after, begun_from, item } = one
    seen.add(item.item_key)
    if (after.some((key) => open_keys.has(key))) {
      open_keys.add(item.item_key)
      continue
    }
    const { head_in } = open.visit
    const joined = await joinItem(context, task, item, { head_in, begun_from, said, verify })
    const sentence = await record(context, { task, open, item, said }, joined)
    if (joined.kind === 'problem') {
      open_keys.add(item.item_key)
      said.push(sentenceOf(item.item_key, joined.problem))
    }
    stuck ??= sentence
  }
  const count = open_keys.size
  const summary =
    count === 0
      ? 'The work of all items is joined.'
      : `${plural(count, 'One item is', `${count} items are`)} not joined yet.`
  const head = await keepWork(context.board, requireTask(context.read, task.id))
  return context.write((tx) =>
    endJoin(tx, requireTask(tx, task.id), { summary: [summary, ...said].join(' '), head, stuck }),
  )
}

/** @returns why the item is stuck, as a sentence for the person who has to act; null when it is not */
async function record(
  context: BoardContext,
  { item, open, said, task }: { task: TaskRow; open: OpenWalk; item: ItemRow; said: string[] },
  joined: Joined,
): Promise<string | null> {
  const { visit } = open
  if (joined.kind === 'joined') {
    const { merge } = joined
    const isJoined = await context.write((tx) =>
      recordJoined(tx, { carrier: requireTask(tx, task.id), visit, item }, merge),
    )
    if (!isJoined && merge !== null) said.push(await withoutItem(context, task, item, merge))
    return null
  }
  return context.write((tx) => {
    const joining = { carrier: requireTask(tx, task.id), visit, item }
    if (sendItemBack(tx, joining, joined.problem, joined.head)) return null
    const often = isSentBackOften(item) ? ` It was sent back ${item.sent_back} times.` : ''
    return `${sentenceOf(item.item_key, joined.problem)}${often} Unblocking tries again and may send it back; “runboard let-go ${task.id} ${item.item_key} --reason R” continues without it.`
  })
}

/**
 * Takes the merge of an item out again that is no longer to be joined.
 *
 * @returns what became of the merge, as a sentence
 */
async function withoutItem(
  context: BoardContext,
  carrier: TaskRow,
  { item_key }: ItemRow,
  merge: KnownMerge,
): Promise<string> {
  try {
    await takeBack(await workOf(context.board, carrier), merge)
    return `The item “${item_key}” was let go or reopened meanwhile, so its work was taken out again.`
  } catch (error) {
    if (!(error instanceof WorkerSetupError)) throw error
    return `The item “${item_key}” was let go or reopened meanwhile. ${error.message}`
  }
}

/** The inputs of joining one item. */
interface How {
  /** The commit of the carrier’s work, with uncommitted files, when the items began; null without one. */
  head_in: string | null
  /** The commit of the item’s work, with uncommitted files, when later items started from it; null when none did. */
  begun_from: string | null
  /** The sentences for the summary of the run; joining adds to them. */
  said: string[]
  verify: boolean
}

/** Joins one item. If it fails, it leaves no unfinished merge. */
export async function joinItem(
  context: BoardContext,
  carrier: TaskRow,
  item: ItemRow,
  how: How,
): Promise<Joined> {
  const task = getTask(context.read, item.task_id ?? '')
  // A person finished the item before any worker began, so it has no work.
  if (task.workspace_path === null && task.branch === null) return { kind: 'joined', merge: null }
  refuseAtWork(context, task, 'joined')
  return refusingInSentences(carrier.id, async () => {
    const { branch } = await workOf(context.board, carrier)
    if (branch === null)
      throw new WorkerSetupError(
        `The worktree of ${carrier.id} is on no branch, so the work of its items cannot be joined. Check out its branch there.`,
      )
    const seen = await seeWork(context.board, task, branch)
    if (seen === null)
      throw new WorkerSetupError(
        `The work of ${task.id}, the item “${item.item_key}”, does not exist any more. Use “let-go” to continue without the item.`,
      )
    if (seen.state === 'nothing') return { kind: 'joined', merge: null }
    // An earlier run may have merged it and died before the check.
    const merge = seen.state === 'merged' ? seen.merge : await mergeItem(context, carrier, task, branch, how)
    if ('files' in merge) {
      const problem = { why: 'conflict', branch, files: merge.files, output: null } as const
      return { kind: 'problem', problem, head: merge.head }
    }
    const output = how.verify ? await failedCheck(context, carrier, merge, how.said) : null
    if (output === null) return { kind: 'joined', merge }
    return {
      kind: 'problem',
      problem: { why: 'check_failed', branch, files: [], output },
      head: merge.head ?? seen.head,
    }
  })
}

/** @returns the merge; or, on a conflict, its files: then nothing has changed */
async function mergeItem(
  context: BoardContext,
  carrier: TaskRow,
  task: TaskRow,
  branch: string,
  { begun_from, head_in }: How,
): Promise<KnownMerge | { files: string[]; head: string }> {
  const { board } = context
  if (head_in !== null)
    await takeIn(await workOf(board, carrier), head_in, `The work that items began with (${carrier.id})`)
  if (begun_from !== null)
    await takeIn(await workOf(board, task, branch), begun_from, `${task.title} (${task.id})`)
  const work = await workOf(board, task, branch)
  const files = await conflictsOf(work)
  if (files.length > 0) return { files, head: work.head }
  const { warnings: _advice, ...merged } = await mergeWork(work, `${task.title} (${task.id})`)
  return { ...merged, at: context.services.clock(), by: context.caller.actor }
}

/**
 * Runs the check on the work after a merge, and takes the merge out again when the check fails. Changes that the check makes
 * to files that git tracks are undone, so that the next branch can be joined.
 *
 * @returns the end of its output when it fails; null when it passes
 * @throws OperationError when the check cannot be run; the merge is out again then as well
 */
async function failedCheck(
  context: BoardContext,
  carrier: TaskRow,
  merge: KnownMerge,
  said: string[],
): Promise<string | null> {
  const cleanUp = async (isIn: boolean) => {
    const work = await workOf(context.board, carrier)
    const keep = `refs/runboard/${carrier.id}/check-${merge.commit.slice(0, 9)}`
    const { current_run_id } = requireTask(context.read, carrier.id)
    const tell = () =>
      context.write((tx) => writeEvent(tx, 'files_put_back', carrier.id, current_run_id, { ref: keep }))
    if (await putBack(work, keep, tell))
      said.push(`The check changed files that git tracks. The changes were undone, and are kept as ${keep}.`)
    if (!isIn) await takeBack(work, merge)
  }
  let output: string | null
  try {
    output = await checkOutput(context, carrier, await workOf(context.board, carrier))
  } catch (error) {
    // This end says nothing about the work. The next attempt joins and checks it again.
    await cleanUp(false)
    throw error
  }
  await cleanUp(output === null)
  return output
}
