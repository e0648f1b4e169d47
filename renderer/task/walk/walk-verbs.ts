import { asker, type Question } from '../../shared/ask.svelte.ts'
import type { MenuItem } from '../../shared/menu.ts'
import type { TaskController } from '../task-controller.svelte.ts'
import { type ShownWalk, stepLabel, verdictLabel } from './walk.ts'

/** A verb of a person on a card in a workflow. It takes a reason, which the card's history keeps. */
interface WalkVerb {
  label: string
  danger?: true
  /** @returns why the verb cannot be used now; null when it can */
  refused: (walk: ShownWalk, task: TaskController) => string | null
  ask: (walk: ShownWalk) => Question
  /** @param chosen the option that was chosen in the question; '' if it has none */
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
        ? 'No round limit has stopped it'
        : null,
    ask: () => ({
      title: 'One more round',
      text: 'The step’s verdict is accepted once, although it is over the limit.',
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
        text: 'That step and all later steps run again.',
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
        text: 'You choose the verdict in place of the step.',
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

/** Asks for the version and the reason, then starts a card again from a visit. */
export async function startAgain(
  task: TaskController,
  walk: ShownWalk,
  visit: ShownWalk['visits'][number],
): Promise<void> {
  const reason = await asker.ask({
    about: `${task.id} ${visit.id}`,
    title: `Start again from “${visit.step.replaceAll('_', ' ')}”, visit ${visit.visit}`,
    text: 'The card gets a fresh worktree, on a new branch, with the work as it was when this visit began. Its present worktree and branch stay.',
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

/** @returns the menu entries for an open walk; an entry that cannot be used now says why */
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
