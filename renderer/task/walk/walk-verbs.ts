import { asker, type Question } from '../../shared/ask.svelte.ts'
import type { MenuItem } from '../../shared/menu.ts'
import type { TaskController } from '../task-controller.svelte.ts'
import { type ShownWalk, stepLabel, verdictLabel } from './walk.ts'

/** What a person can do with a card on its way through a workflow. Each takes a reason, which its history keeps. */

interface WalkVerb {
  label: string
  danger?: true
  /** Why it cannot be used now; null when it can. */
  refused: (walk: ShownWalk, task: TaskController) => string | null
  ask: (walk: ShownWalk) => Question
  /** @param chosen of the question's choice; '' without one */
  call: (task: TaskController, reason: string, chosen: string) => Promise<unknown>
}

const REASON = { label: 'Reason', required: true, lines: 2, hint: 'The history of the task keeps it.' }

const whileRunning = (_: ShownWalk, task: TaskController) =>
  task.task?.status === 'running' ? 'Stop its run first' : null

const here = ({ visits }: ShownWalk): string => visits.at(-1)?.step ?? ''

const VERBS: readonly WalkVerb[] = [
  {
    label: 'One more round…',
    refused: ({ visits }, task) =>
      visits.at(-1)?.held_verdict == null || task.task?.status !== 'blocked'
        ? 'No limit of rounds stops it'
        : null,
    ask: () => ({
      title: 'One more round',
      text: 'The step’s verdict is taken although a limit stopped it, once.',
      field: { ...REASON, hint: 'The next step reads it.' },
      confirm: 'One more round',
    }),
    call: (task, reason) => task.client.task.more_rounds({ board: task.board.slug, id: task.id, reason }),
  },
  {
    label: 'Go to step…',
    refused: whileRunning,
    ask: (walk) => {
      const options = walk.steps
        .filter(({ key, kind }) => key !== here(walk) && kind !== 'end' && kind !== 'decide')
        .map((step) => ({ value: step.key, label: stepLabel(step) }))
      return {
        title: 'Go to step',
        text: 'That step and all later ones are done again.',
        field: REASON,
        choice: { label: 'Step', options, value: options[0]?.value ?? '' },
        confirm: 'Go there',
      }
    },
    call: (task, reason, step) =>
      task.client.task.goto({ board: task.board.slug, id: task.id, step, reason }),
  },
  {
    label: 'Skip this step…',
    refused: whileRunning,
    ask: (walk) => {
      const open = walk.steps.find(({ key }) => key === here(walk))
      const options = (open?.ways ?? []).map(({ to, verdict }) => ({
        value: verdict,
        label: `${verdictLabel(verdict)} → ${to.replaceAll('_', ' ')}`,
      }))
      return {
        title: `Skip “${open === undefined ? '' : stepLabel(open)}”`,
        text: 'You give its verdict in its place.',
        field: REASON,
        choice: { label: 'Verdict', options, value: options[0]?.value ?? '' },
        confirm: 'Skip',
      }
    },
    call: (task, reason, verdict) =>
      task.client.task.skip({ board: task.board.slug, id: task.id, verdict, reason }),
  },
  {
    label: 'Cancel the workflow…',
    danger: true,
    refused: whileRunning,
    ask: () => ({
      title: 'Cancel the workflow',
      text: 'The card leaves its workflow and stays where it is; its runs and its work are kept.',
      field: REASON,
      confirm: 'Cancel the workflow',
      danger: true,
    }),
    call: (task, reason) => task.client.task.cancel_workflow({ board: task.board.slug, id: task.id, reason }),
  },
]

/** Asks whether a card shall start again from a visit, on which version and why, and does it. */
export async function startAgain(
  task: TaskController,
  walk: ShownWalk,
  visit: ShownWalk['visits'][number],
): Promise<void> {
  const reason = await asker.ask({
    about: `${task.id} ${visit.id}`,
    title: `Start again from “${visit.step.replaceAll('_', ' ')}”, visit ${visit.visit}`,
    text: 'A fresh worktree is made of the work as it was when this visit began, on a branch of its own. The worktree and the branch that the card has now stay.',
    field: REASON,
    choice: {
      label: 'Workflow',
      options: [
        { value: 'same', label: `Version ${walk.version}, which the card was on` },
        { value: 'current', label: 'The current version' },
      ],
      value: 'same',
    },
    confirm: 'Start again',
  })
  if (reason === null) return
  const current_version = asker.chosen === 'current'
  await task.onWalk(() =>
    task.client.task.restart({
      board: task.board.slug,
      id: task.id,
      from: visit.id,
      current_version,
      reason,
    }),
  )
}

/** @returns the entries of the menu of an open walk; those that do not fit say why */
export function walkEntries(task: TaskController, walk: ShownWalk): MenuItem[] {
  return VERBS.map((verb) => ({
    label: verb.label,
    danger: verb.danger ?? false,
    refused: verb.refused(walk, task),
    run: async () => {
      const reason = await asker.ask({ ...verb.ask(walk), about: task.id })
      if (reason !== null) await task.onWalk(() => verb.call(task, reason, asker.chosen))
    },
  }))
}
