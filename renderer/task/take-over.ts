import type { Run } from '../../contract/index.ts'
import { takeOverCommand } from '../../formats/agents.ts'
import { takeOverLine } from '../runs/command-line.ts'
import { asker } from '../shared/ask.svelte.ts'
import { copyText } from '../shared/copy.ts'
import '../shared/shell-facts.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import type { TaskController } from './task-controller.svelte.ts'

/** Whether a person, and not a worker, continues the session of an agent in this run. */
export function isTakenOver({ outcome, session_choice, spawned_at, trigger }: Run): boolean {
  return outcome === null && spawned_at === null && session_choice !== null && trigger !== 'dispatcher'
}

/** @returns why the session of a run cannot be taken over; null if it can; undefined for a run without a session */
export function takeOverRefused(task: TaskController, run: Run): string | null | undefined {
  if (takeOverCommand(run.agent, run.agent_session_id) === null || isTakenOver(run)) return undefined
  const status = task.task?.status
  return status === 'running' || status === 'ready' || status === 'blocked'
    ? null
    : 'Only from running, ready or blocked'
}

/** Stops the worker, and opens the session of its agent: the app in a terminal; in a browser, its command is copied. */
export async function takeOver(task: TaskController, run: Run): Promise<void> {
  const open = window.runboardShell !== undefined
  const where = open ? 'opened in a terminal' : 'continued by a command, which is copied for you'
  const stops = run.outcome === null ? 'Its worker is stopped. ' : ''
  const isSure = await asker.ask({
    about: task.id,
    title: 'Take over?',
    text: `${stops}The session of attempt ${run.attempt} is ${where}. The task is yours, and no worker starts, until you hand it back.`,
    confirm: 'Take over',
  })
  if (isSure === null) return
  const answer = await task.saving.run(
    'saving',
    () => task.client.task.take_over({ board: task.board.slug, id: task.id, open }),
    'It could not be taken over',
  )
  task.store.refreshSoon()
  if (answer === null) return
  task.store.apply(answer.task)
  const [warning] = answer.warnings ?? []
  if (answer.opened !== null) toasts.show('Its session is open in a terminal')
  else if (warning !== undefined) toasts.show(warning, { tone: 'bad' })
  else await copyText(takeOverLine(answer.run) ?? '', 'Copied: paste it in a terminal')
}

/** Gives the task back to its profile: the next attempt continues the session. */
export async function handBack(task: TaskController): Promise<void> {
  const answer = await task.saving.run(
    'saving',
    () => task.client.task.reclaim({ board: task.board.slug, id: task.id, reason: 'Handed back.' }),
    'It could not be handed back',
  )
  if (answer !== null) task.store.apply(answer.task)
  task.store.refreshSoon()
}
