import Archive from '@lucide/svelte/icons/archive'
import ArchiveRestore from '@lucide/svelte/icons/archive-restore'
import ArrowRight from '@lucide/svelte/icons/arrow-right'
import Check from '@lucide/svelte/icons/check'
import CheckCheck from '@lucide/svelte/icons/check-check'
import CornerUpLeft from '@lucide/svelte/icons/corner-up-left'
import ListTree from '@lucide/svelte/icons/list-tree'
import Link from '@lucide/svelte/icons/link'
import MessageSquareReply from '@lucide/svelte/icons/message-square-reply'
import OctagonPause from '@lucide/svelte/icons/octagon-pause'
import Pause from '@lucide/svelte/icons/pause'
import Play from '@lucide/svelte/icons/play'
import RotateCw from '@lucide/svelte/icons/rotate-cw'
import Square from '@lucide/svelte/icons/square'
import Undo2 from '@lucide/svelte/icons/undo-2'
import UserRound from '@lucide/svelte/icons/user-round'
import Clock from '@lucide/svelte/icons/clock'
import type { Card } from '../../contract/index.ts'
import { TASK_STATUSES } from '../../contract/states.ts'
import type { IconComponent, MenuEntry, MenuItem } from '../shared/menu.ts'
import { actions } from '../shared/actions.svelte.ts'
import { askStart } from '../shared/ask-start.ts'
import { copyText } from '../shared/copy.ts'
import { label, words } from '../shared/tones.ts'
import { commonTargets, refusal, type Verb, VERB_SPECS } from '../shared/verbs.ts'
import type { BoardController } from './board-controller.svelte.ts'

export const VERB_ICONS: Record<Verb, IconComponent> = {
  retry: RotateCw,
  unblock: MessageSquareReply,
  approve: Check,
  request_changes: CornerUpLeft,
  accept_plan: Check,
  promote: ArrowRight,
  stop: Square,
  complete: CheckCheck,
  block: OctagonPause,
  hold: Pause,
  release: Play,
  reopen: Undo2,
  archive: Archive,
  restore: ArchiveRestore,
}

const SHOWN: readonly (readonly Verb[])[] = [
  ['unblock', 'approve', 'request_changes', 'accept_plan', 'promote', 'retry', 'stop', 'reopen', 'restore'],
  ['complete', 'block', 'hold', 'release'],
]

function verbItem(board: BoardController, cards: readonly Card[], verb: Verb): MenuItem | null {
  const open = cards.filter((card) => refusal(verb, card) === null)
  if (open.length === 0) return null
  const spec = VERB_SPECS[verb]
  return {
    label: spec.label,
    icon: VERB_ICONS[verb],
    danger: spec.danger ?? false,
    keys: actions.keyOf(`task.${verb}`),
    ...(open.length < cards.length ? { hint: `${open.length} of ${cards.length}` } : {}),
    run: () => board.run(verb, open),
  }
}

/** All actions for these cards in their current state. */
export function actionEntries(board: BoardController, cards: readonly Card[]): MenuEntry[] {
  const [first] = cards
  if (first === undefined) return []
  const groups: MenuEntry[][] = SHOWN.map((verbs) =>
    verbs.flatMap((verb) => verbItem(board, cards, verb) ?? []),
  )
  groups.push([
    {
      label: 'Move to…',
      icon: ArrowRight,
      keys: actions.keyOf('board.move'),
      run: () => later(() => board.openMenuHere('move')),
    },
    {
      label: 'Assign to…',
      icon: UserRound,
      keys: actions.keyOf('board.assign'),
      refused: cards.some((card) => card.status === 'running') ? 'Not while it runs' : null,
      run: () => later(() => board.openMenuHere('assign')),
    },
    ...planItem(board, cards),
    { label: 'Start time…', icon: Clock, run: () => void askStart(board.verbs, cards, named(cards)) },
  ])
  if (cards.length === 1) {
    groups.push([
      { label: 'Copy link', icon: Link, run: () => void copyText(linkOf(board, first), 'Link copied') },
    ])
  }
  const archive = verbItem(board, cards, 'archive')
  if (archive !== null) groups.push([archive])
  return groups
    .filter((group) => group.length > 0)
    .flatMap((group, index) => (index === 0 ? group : ['line', ...group]))
}

/** @returns an entry for each column or lane; only the allowed ones are enabled */
export function moveEntries(board: BoardController, cards: readonly Card[]): MenuEntry[] {
  if (board.list.layout === 'stages') return laneEntries(board, cards)
  const targets = commonTargets(cards)
  const here = cards.length === 1 ? cards[0]?.status : undefined
  return [
    { heading: cards.length > 1 ? `Move ${cards.length} tasks to` : 'Move to' },
    ...TASK_STATUSES.filter((status) => status !== 'running').map((status): MenuItem => ({
      label: label(status),
      mark: status,
      checked: status === here,
      refused:
        targets.includes(status) || status === here
          ? null
          : `not from ${[...new Set(cards.map((card) => words(card.status)))].join(', ')}`,
      run: () => board.move(cards, status),
    })),
  ]
}

function laneEntries({ stages }: BoardController, cards: readonly Card[]): MenuEntry[] {
  const ids = cards.map(({ id }) => id)
  return [
    { heading: cards.length > 1 ? `Send ${cards.length} tasks to` : 'Send to' },
    ...stages.lanes
      .filter(({ steps }) => steps.length > 0)
      .map((lane): MenuItem => ({
        label: lane.name,
        checked: ids.every((id) => lane.ids.includes(id)),
        refused: stages.refusal(lane, ids),
        run: () => stages.send(ids, lane),
      })),
  ]
}

export function assignEntries(board: BoardController, cards: readonly Card[]): MenuEntry[] {
  const refused = cards.some((card) => card.status === 'running') ? 'Stop it first' : null
  const item = (name: string | null, text: string): MenuItem => ({
    label: text,
    checked: cards.every((card) => card.assignee === name),
    refused,
    run: () => board.verbs.assign(cards, name),
  })
  return [
    { heading: 'Assign to' },
    ...board.store.profiles.map(({ name }) => item(name, name)),
    'line',
    item(null, 'Nobody'),
  ]
}

function planItem(board: BoardController, cards: readonly Card[]): MenuItem[] {
  if (!cards.every((card) => card.status === 'triage')) return []
  const refused = plannersOf(board).length === 0 ? 'No profile is a planner' : null
  return [
    { label: 'Plan with…', icon: ListTree, refused, run: () => later(() => board.openMenuHere('plan')) },
  ]
}

export const plannersOf = (board: BoardController) =>
  board.store.profiles.filter((profile) => profile.capabilities.includes('planner'))

export function planEntries(board: BoardController, cards: readonly Card[]): MenuEntry[] {
  return [
    { heading: 'Break it into tasks with' },
    ...plannersOf(board).map(({ name }) => ({ label: name, run: () => board.verbs.plan(cards, name) })),
  ]
}

/** A menu returns the focus when it closes; the next layer opens after that. */
function later(open: () => void): void {
  setTimeout(open, 0)
}

/** How a question names its tasks. */
export function named(cards: readonly Card[]): string {
  const [first] = cards
  return cards.length === 1 && first !== undefined ? `“${first.title}”` : `${cards.length} tasks`
}

function linkOf(board: BoardController, card: Card): string {
  return `runboard://board/${board.store.slug}/task/${card.id}`
}
