import Clock from '@lucide/svelte/icons/clock'
import Copy from '@lucide/svelte/icons/copy'
import Link from '@lucide/svelte/icons/link'
import MessageSquarePlus from '@lucide/svelte/icons/message-square-plus'
import Workflow from '@lucide/svelte/icons/workflow'
import type { Task } from '../../contract/index.ts'
import { STATUS_MEANINGS, TASK_STATUSES } from '../../contract/states.ts'
import { VERB_ICONS } from '../board/board-menu.ts'
import { actions } from '../shared/actions.svelte.ts'
import { askStart } from '../shared/ask-start.ts'
import type { MenuEntry, MenuItem } from '../shared/menu.ts'
import { exactTime } from '../shared/time.ts'
import { label } from '../shared/tones.ts'
import { commonTargets, type Verb, VERB_SPECS } from '../shared/verbs.ts'
import { copyText } from '../shared/copy.ts'
import type { TaskController } from './task-controller.svelte.ts'

/** The order in which verbs are offered. */
const OFFERED: readonly (readonly Verb[])[] = [
  ['unblock', 'approve', 'request_changes', 'accept_plan', 'promote', 'retry', 'stop', 'reopen', 'restore'],
  ['complete', 'block', 'hold', 'release'],
  ['archive'],
]

/** Every verb: first those that are allowed now, then the others with the reason. */
export function actionEntries(task: TaskController): MenuEntry[] {
  const item = (verb: Verb): MenuItem => ({
    label: VERB_SPECS[verb].label,
    icon: VERB_ICONS[verb],
    keys: actions.keyOf(`open.${verb}`),
    danger: VERB_SPECS[verb].danger ?? false,
    refused: task.refused(verb),
    run: () => task.run(verb),
  })
  const retryNote: MenuItem = {
    label: 'Retry with…',
    icon: MessageSquarePlus,
    keys: actions.keyOf('open.retry_with'),
    refused: task.refused('retry'),
    run: () => setTimeout(() => (task.retrying = true), 0), // after the menu has restored the focus
  }
  const [fitting = [], handling = [], ending = []] = OFFERED.map((verbs) => verbs.map(item))
  const others: MenuItem[] = [
    { label: 'Start time…', icon: Clock, refused: startRefused(task.task), run: () => askTaskStart(task) },
    {
      label: 'Start a workflow…',
      icon: Workflow,
      refused: workflowRefused(task.task),
      run: () => setTimeout(() => (task.starting = ''), 0), // after the menu has restored the focus
    },
    { label: 'Copy link', icon: Link, run: () => copyText(linkOf(task), 'Link copied') },
    { label: 'Copy id', icon: Copy, run: () => copyText(task.id, 'Id copied') },
  ]
  const groups = [[...fitting, retryNote], handling, others, ending]
  const isLegal = ({ refused }: MenuItem) => (refused ?? null) === null
  const legal = groups.map((group) => group.filter(isLegal)).filter((group) => group.length > 0)
  const refused = groups.flat().filter((entry) => !isLegal(entry))
  return [
    ...legal.flatMap((group, index): MenuEntry[] => (index === 0 ? group : ['line', ...group])),
    ...(refused.length === 0 ? [] : (['line', { heading: 'Not now' }, ...refused] satisfies MenuEntry[])),
  ]
}

function linkOf({ board, id, attempt }: TaskController): string {
  return `runboard://board/${board.slug}/task/${id}${attempt === null ? '' : `/run/${attempt}`}`
}

function startRefused(task: Task | null): string | null {
  return task !== null && ['done', 'archived', 'running'].includes(task.status) ? 'Only before it runs' : null
}

/** @returns why no workflow can be started on the task now, or null if one can */
export function workflowRefused(task: Task | null): string | null {
  if (task === null) return 'The task is still loading'
  if (task.workflow_run_id !== null) return 'It is in a workflow already'
  return ['done', 'archived', 'running'].includes(task.status)
    ? 'Not while it runs, or after it is done'
    : null
}

/** The columns the task may move to. The others are disabled and say what they are for. */
export function moveEntries(task: TaskController): MenuEntry[] {
  const current = task.task
  if (current === null) return []
  const targets = commonTargets([current])
  return [
    { heading: 'Move to' },
    ...TASK_STATUSES.filter((status) => status !== 'running').map((status): MenuItem => ({
      label: label(status),
      checked: status === current.status,
      refused:
        targets.includes(status) || status === current.status
          ? null
          : `Not from ${current.status}: ${STATUS_MEANINGS[status]}`,
      run: () => task.verbs.move([current], status),
    })),
  ]
}

export function assignEntries(task: TaskController): MenuEntry[] {
  const current = task.task
  if (current === null) return []
  const refused = current.status === 'running' ? 'Stop it first' : null
  const item = (name: string | null, text: string): MenuItem => ({
    label: text,
    checked: current.assignee === name,
    refused,
    run: () => task.verbs.assign([current], name),
  })
  return [
    { heading: 'Assign to' },
    ...task.board.profiles.map(({ name }) => item(name, name)),
    'line',
    item(null, 'Nobody'),
  ]
}

/** Profiles that can break the idea into tasks; if there is none, what to do about it. */
export function planEntries(task: TaskController): MenuEntry[] {
  const none: MenuItem = {
    label: 'No profile is a planner',
    hint: 'Settings, Profiles',
    run: () => task.router.go({ view: 'settings', section: 'profiles', task: null, attempt: null }),
  }
  return [
    { heading: 'Break it into tasks with' },
    ...task.planners.map((name): MenuItem => ({ label: name, run: () => task.plan(name) })),
    ...(task.planners.length === 0 ? [none] : []),
  ]
}

async function askTaskStart(task: TaskController): Promise<void> {
  const current = task.task
  if (current === null) return
  const now = current.not_before_at === null ? '' : `, now not before ${exactTime(current.not_before_at)}`
  await askStart(task.verbs, [current], `“${current.title}”${now}`)
}
