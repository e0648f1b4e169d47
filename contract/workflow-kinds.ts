/**
 * The kinds of workflow steps, as data. The reader, the engine, the map of the screens and docs/workflow-file.md are made
 * from this table. It is free of zod, so that the screens may import it.
 */

import type { TaskStatus } from './states.ts'

export const STEP_KINDS = ['work', 'check', 'approve', 'decide', 'map', 'merge', 'end'] as const
export type StepKind = (typeof STEP_KINDS)[number]

export const END_STATES = ['succeeded', 'failed', 'cancelled'] as const
export type EndState = (typeof END_STATES)[number]

interface StepKindRule {
  /** What a step of this kind does, for people. */
  does: string
  /** The status of a card while its visit is open; null for a step that is passed in the same transaction. */
  status: Extract<TaskStatus, 'todo' | 'ready' | 'review' | 'done'> | null
  /** The verdicts that every step of this kind must route, unless it declares verdicts of its own. */
  verdicts: readonly string[]
  /** The verdicts that it may route. */
  optional: readonly string[]
  /** Whether a person gives the verdict. */
  by_person: boolean
}

export const STEP_KIND_RULES: Record<StepKind, StepKindRule> = {
  work: {
    does: 'a worker does something and reports how it turned out',
    status: 'ready',
    verdicts: ['done'],
    optional: ['gave_up', 'blocked'],
    by_person: false,
  },
  check: {
    does: 'a command runs in the workspace; its exit code is the verdict',
    status: 'ready',
    verdicts: ['passed', 'failed'],
    optional: ['gave_up'],
    by_person: false,
  },
  approve: {
    does: 'a person answers a question',
    status: 'review',
    verdicts: ['approved'],
    optional: ['changes', 'rejected'],
    by_person: true,
  },
  decide: {
    does: 'rules over inputs and earlier results choose the way',
    status: null,
    verdicts: [],
    optional: [],
    by_person: false,
  },
  map: {
    does: 'each item of a list gets a card of its own; the step ends when all of these cards have ended',
    status: 'todo',
    verdicts: ['succeeded', 'some_failed'],
    optional: ['empty'],
    by_person: false,
  },
  merge: {
    does: 'the work is merged into its target branch',
    status: 'ready',
    verdicts: ['merged', 'conflict'],
    optional: ['gave_up'],
    by_person: false,
  },
  end: {
    does: 'the walk is over and the card is done',
    status: 'done',
    verdicts: [],
    optional: [],
    by_person: false,
  },
}

/** How the items of a map step give its verdict. */
export const JOIN_RULES = ['all_done', 'all_success'] as const

/** An item is open until its card is done or archived, or a person lets the item go. */
export const ITEM_STATES = ['open', 'succeeded', 'failed', 'let_go'] as const
export type ItemState = (typeof ITEM_STATES)[number]

/** What can happen to an item of a list that a person edits. */
export const LIST_CHANGES = ['added', 'removed', 'changed', 'moved'] as const
export type ListChangeKind = (typeof LIST_CHANGES)[number]

/**
 * Where a template comes from. A file of the project hides one of the home with the same name, which hides a builtin one.
 * `inline`: the work that a map step describes itself.
 */
export const TEMPLATE_SOURCES = ['builtin', 'home', 'project', 'inline'] as const
export type TemplateSource = (typeof TEMPLATE_SOURCES)[number]

/** Profiles that Runboard itself provides: they run the commands of checks, and merges. */
export const CHECK_PROFILE = 'runboard:check'
export const MERGE_PROFILE = 'runboard:merge'

/** @returns whether a profile is one of Runboard's own, which nobody can configure or assign */
export function isReservedProfile(name: string | null): boolean {
  return name === CHECK_PROFILE || name === MERGE_PROFILE
}

/** The limits of a template and its file. */
export const WORKFLOW_LIMITS = {
  file_bytes: 256 * 1024,
  steps: 100,
  rounds: 100,
  aliases: 20,
  items: 1000,
  /** How often joining may send one item back before a person has to act. */
  sent_back: 3,
} as const
