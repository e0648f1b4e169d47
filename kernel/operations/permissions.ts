import type { Profile } from '../../contract/index.ts'
import type { Asked } from '../lifecycle/questions.ts'
import { requireTask } from '../lifecycle/transition.ts'
import type { QuestionRow } from '../tables/questions.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { BoardContext } from './handler.ts'
import { byPolicy, type Places, type Rules, ruleFor, type Wanted, withRule } from './permission-policy.ts'

/** Decides whether an agent may use a tool: by the rules of its profile, else by asking a person. */

const NO_RULES: Rules = { allow_edits: false, allowed_commands: [], allowed_tools: [] }
/** The longest title of a question: the whole command or path is in its input. */
const TITLE_LENGTH = 300
/** Maximum characters of the diff in a question. */
const DIFF_LENGTH = 200_000

/** @returns the decision by the profile that the run was claimed for; `ask` when a person has to decide */
export function decidePermission(context: BoardContext, id: string, wanted: Wanted): 'allow' | 'ask' {
  const run = openRun(context, id)
  return run === null ? 'ask' : byPolicy(wanted, rulesOf(context, run.profile), placesOf(context, run))
}

/** @returns the question for a person; with the option “always” only if a safe rule exists */
export function permissionQuestion(context: BoardContext, id: string, wanted: Wanted): Asked {
  const run = openRun(context, id)
  const rule = run === null || run.profile === null ? null : ruleFor(wanted, placesOf(context, run))
  return {
    kind: 'permission',
    title: `${wanted.tool_name}: ${detailOf(wanted)}`.slice(0, TITLE_LENGTH),
    input: { tool_name: wanted.tool_name, input: wanted.input },
    diff: diffOf(wanted.input),
    options: rule === null ? ['allow', 'deny'] : ['allow', 'always', 'deny'],
  }
}

/** Adds what “always” allows to the rules of the profile of the run that asked. */
export async function addRule(context: BoardContext, question: QuestionRow): Promise<void> {
  const run = context.read.get(taskRuns.byId, { id: question.run_id })
  const wanted = JSON.parse(question.input ?? '{}') as Wanted
  if (run === undefined || run.profile === null || typeof wanted.tool_name !== 'string') return
  const rule = ruleFor(wanted, placesOf(context, run))
  if (rule === null) return
  const { config } = context.services
  // A profile that was removed has no rules.
  if (!config.read().profiles.has(run.profile)) return
  const { profile } = run
  await config.changeProfile(profile, (fields) => {
    const { allow_edits, allowed_commands, allowed_tools } = withRule(rulesOf(context, profile), rule)
    return { ...fields, allow_edits, allowed_commands, allowed_tools }
  })
}

function openRun({ read }: BoardContext, id: string): RunRow | null {
  const { current_run_id } = requireTask(read, id)
  return current_run_id === null ? null : (read.get(taskRuns.byId, { id: current_run_id }) ?? null)
}

function rulesOf({ services }: BoardContext, profile: Profile['name'] | null): Rules {
  return services.config.read().profiles.get(profile ?? '') ?? NO_RULES
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

/** The change of an edit of Claude Code, as a unified diff; null for other tools. */
function diffOf(input: Wanted['input']): string | null {
  const path = input['file_path']
  if (typeof path !== 'string') return null
  const edits = Array.isArray(input['edits']) ? (input['edits'] as Record<string, unknown>[]) : [input]
  const hunks = edits.flatMap((edit) => {
    const before = typeof edit['old_string'] === 'string' ? edit['old_string'] : ''
    const after = edit['new_string'] ?? edit['content']
    return typeof after === 'string' ? [hunk(before, after)] : []
  })
  if (hunks.length === 0) return null
  return [`--- ${path}`, `+++ ${path}`, ...hunks].join('\n').slice(0, DIFF_LENGTH)
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
