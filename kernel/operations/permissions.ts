import { OperationError, type Profile } from '../../contract/index.ts'
import { parseProfile } from '../home/config.ts'
import type { Asked } from '../lifecycle/questions.ts'
import { requireTask } from '../lifecycle/transition.ts'
import type { QuestionRow } from '../tables/questions.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { BoardContext } from './handler.ts'
import {
  byPolicy,
  isEditing,
  type NewRule,
  type Places,
  type Rules,
  ruleFor,
  ruleWords,
  hasRule,
  type Wanted,
  withoutRule,
  withRule,
} from './permission-policy.ts'

/** Decides whether an agent may use a tool: by the rules of its profile, else by asking a person. */

const NO_RULES: Rules = { allow_edits: false, allowed_commands: [], allowed_tools: [] }
/** The longest title of a question: the whole command or path is in its input. */
const TITLE_LENGTH = 300
/** Maximum characters of the diff in a question. */
const DIFF_LENGTH = 200_000

/**
 * @returns the run that wants to use a tool: the caller's own, or for a person the open run of the task; null without one
 * @throws OperationError STALE_RUN, UNAUTHORIZED for a worker that no longer holds its run
 */
export async function askingRun(context: BoardContext, id: string): Promise<RunRow | null> {
  const { read, worker, write } = context
  // The fence is in the transaction. A rule must not decide for a run that is over.
  if (worker !== undefined) await write(() => undefined)
  const run_id = worker?.run_id ?? requireTask(read, id).current_run_id
  return run_id === null ? null : (read.get(taskRuns.byId, { id: run_id }) ?? null)
}

/** @returns the decision by the profile that the run was claimed for; `ask` when a person has to decide */
export function decidePermission(context: BoardContext, run: RunRow | null, wanted: Wanted): 'allow' | 'ask' {
  return run === null ? 'ask' : byPolicy(wanted, rulesOf(context, run.profile), placesOf(context, run))
}

/** @returns the question for a person; with the option “always” only if a safe rule exists */
export function permissionQuestion(context: BoardContext, run: RunRow | null, wanted: Wanted): Asked {
  const rule = run === null ? null : newRule(context, run, wanted)
  return {
    kind: 'permission',
    title: `${wanted.tool_name}: ${detailOf(wanted)}`.slice(0, TITLE_LENGTH),
    input: {
      tool_name: wanted.tool_name,
      input: wanted.input,
      ...(rule !== null && { rule: ruleWords(rule) }),
    },
    diff: isEditing(wanted) ? diffOf(wanted.input) : null,
    options: rule === null ? ['allow', 'deny'] : ['allow', 'always', 'deny'],
  }
}

/**
 * Checks that “always” can add the rule that the question shows. Called before the answer is written, so that a person
 * can choose another one.
 *
 * @returns adds the rule to the profile of the run that asked, and returns what takes it back
 * @throws OperationError CONFLICT when the rule would not be the one shown, or the profile does not take it
 */
export function ruleOf(context: BoardContext, question: QuestionRow): () => Promise<() => Promise<void>> {
  const run = context.read.get(taskRuns.byId, { id: question.run_id })
  const wanted = JSON.parse(question.input ?? '{}') as Wanted & { rule?: string }
  const rule =
    run === undefined || typeof wanted.tool_name !== 'string' ? null : newRule(context, run, wanted)
  const profile = run?.profile ?? null
  if (rule === null || profile === null || ruleWords(rule) !== wanted.rule)
    throw new OperationError(
      'CONFLICT',
      `The rule that question ${question.id} shows can no longer be added to the profile. Allow it once, or deny it.`,
      { question_id: question.id },
    )
  return () => addRule(context, profile, rule)
}

async function addRule(context: BoardContext, profile: string, rule: NewRule): Promise<() => Promise<void>> {
  const { config } = context.services
  let isNew = false
  await config.changeProfile(profile, (fields) => {
    isNew = !hasRule(rulesOf(context, profile), rule)
    const after = fields === undefined ? null : withNewRule(context, profile, fields, rule)
    if (after !== null) return after
    throw new OperationError(
      'CONFLICT',
      `The profile “${profile}” does not take one more rule. It was not changed.`,
      { name: profile },
    )
  })
  return async () => {
    if (!isNew) return
    await config.changeProfile(
      profile,
      (fields) => fields && { ...fields, ...withoutRule(rulesOf(context, profile), rule) },
    )
  }
}

/** @returns the rule that “always” would add; null when none is safe, or the profile would not take it */
function newRule(context: BoardContext, run: RunRow, wanted: Wanted): NewRule | null {
  const rule = ruleFor(wanted, placesOf(context, run))
  // A profile that was removed has no rules.
  if (rule === null || run.profile === null || !context.services.config.read().profiles.has(run.profile))
    return null
  return withNewRule(context, run.profile, {}, rule) === null ? null : rule
}

/** @returns the fields of a profile with one more rule; null if they are then more or longer than a profile may have */
function withNewRule(
  context: BoardContext,
  profile: Profile['name'],
  fields: Record<string, unknown>,
  rule: NewRule,
): Record<string, unknown> | null {
  const after = { ...fields, ...withRule(rulesOf(context, profile), rule) }
  return 'problem' in parseProfile(profile, after) ? null : after
}

function rulesOf({ services }: BoardContext, profile: Profile['name'] | null): Rules {
  const { allow_edits, allowed_commands, allowed_tools } =
    services.config.read().profiles.get(profile ?? '') ?? NO_RULES
  return { allow_edits, allowed_commands, allowed_tools }
}

function placesOf({ services }: BoardContext, { workspace_path }: RunRow): Places {
  return { workspace: workspace_path, home: services.home }
}

/** The part of a tool’s input by which a person recognises it. */
function detailOf({ input }: Wanted): string {
  for (const key of ['command', 'file_path', 'notebook_path', 'path', 'url', 'query', 'description']) {
    const value = input[key]
    if (typeof value === 'string' && value.trim() !== '') return value.trim()
  }
  return JSON.stringify(input)
}

/** The changes of an edit of Claude Code, or of the files that the bridge names, as a unified diff; null for other tools. */
function diffOf(input: Wanted['input']): string | null {
  const path = input['file_path']
  const one = typeof path === 'string' ? fileDiff(path, [input, ...listIn(input, 'edits')]) : []
  const several = listIn(input, 'changes').flatMap((change) =>
    typeof change['file_path'] === 'string' ? fileDiff(change['file_path'], [change]) : [],
  )
  const lines = [...one, ...several]
  if (lines.length === 0) return null
  const diff = lines.join('\n')
  if (diff.length <= DIFF_LENGTH) return diff
  const shown = diff.slice(0, DIFF_LENGTH)
  return `${shown}\n\\ The change was cut here: ${diff.length - DIFF_LENGTH} more characters are not shown`
}

function listIn(input: Wanted['input'], key: string): Record<string, unknown>[] {
  const list: unknown[] = Array.isArray(input[key]) ? input[key] : []
  return list.filter((each): each is Record<string, unknown> => typeof each === 'object' && each !== null)
}

function fileDiff(path: string, edits: readonly Record<string, unknown>[]): string[] {
  const hunks = edits.flatMap((edit) => {
    const before = typeof edit['old_string'] === 'string' ? edit['old_string'] : ''
    const after = edit['new_string'] ?? edit['content']
    return typeof after === 'string' ? [hunk(before, after)] : []
  })
  return hunks.length === 0 ? [] : [`--- ${path}`, `+++ ${path}`, ...hunks]
}

/** Line numbers are unknown, because an edit has only the text that it replaces. */
function hunk(before: string, after: string): string {
  const removed = before === '' ? [] : before.split('\n')
  const added = after === '' ? [] : after.split('\n')
  const range = (lines: readonly string[]) => `${lines.length === 0 ? 0 : 1},${lines.length}`
  return [
    `@@ -${range(removed)} +${range(added)} @@`,
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
  ].join('\n')
}
