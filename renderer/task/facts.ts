import type { OperationInput, ProfileState, Task } from '../../contract/index.ts'
import { priorityName, readPriority } from '../../formats/priority.ts'
import { readDuration } from '../../formats/time.ts'
import { duration, exactTime } from '../shared/time.ts'
import { listOf } from '../shared/name-list.ts'
import { parseWhen, toLocalField } from '../shared/when.ts'
import type { FailureLimit } from './verdict-parts.ts'

/** The facts of a task beside its text, and how each is typed. */

export type Edit = Omit<OperationInput<'task.edit'>, 'board' | 'id' | 'expected'>

export interface EditableFact {
  key: keyof Edit & keyof Task
  label: string
  /** The task's own value; null when the task sets none, and its effective value is shown instead, if there is one. */
  shown: (task: Task) => string | null
  none: string
  /** The value that applies while the task sets none, with its source: `1 h (profile)`. */
  effective?: (from: Defaults) => string | null
  /** The initial text of the field. */
  typed: (task: Task) => string
  /** @returns the change, or a sentence that says what was expected */
  parse: (text: string) => Edit | string
  mono?: true
  placeholder?: string
}

/** The sources of the values that a task does not set. */
export interface Defaults {
  profile: Pick<ProfileState, 'max_runtime_seconds' | 'model'> | undefined
  failureLimit: FailureLimit
}

const SECONDS_IN: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** @param text `90`, `30m`, `2h`, `1d`; @returns whole seconds, or null for anything else */
export function parseSeconds(text: string): number | null {
  const seconds = readDuration(text)
  return seconds !== null && seconds >= 1 && seconds <= 315_360_000 ? seconds : null
}

/** The shortest way to type a duration: `2h`, `90m`, `45s`. */
export function typedSeconds(seconds: number): string {
  for (const [unit, size] of Object.entries(SECONDS_IN).reverse()) {
    if (seconds % size === 0) return `${seconds / size}${unit}`
  }
  return String(seconds)
}

function plain(
  key: 'tenant' | 'model' | 'branch' | 'base_ref' | 'verify_command',
  label: string,
  mono = true,
): EditableFact {
  return {
    key,
    label,
    none: 'none',
    shown: (task) => task[key],
    typed: (task) => task[key] ?? '',
    parse: (text) => ({ [key]: text.trim() === '' ? null : text.trim() }),
    ...(mono ? { mono: true } : {}),
  }
}

const priority: EditableFact = {
  key: 'priority',
  label: 'Priority',
  none: 'Normal',
  shown: (task) => (task.priority === 0 ? null : priorityName(task.priority)),
  typed: (task) => priorityName(task.priority),
  parse: (text) => {
    const value = readPriority(text.trim() || '0')
    return value === null
      ? 'Enter Urgent, High, Normal, Low, or a whole number; higher runs first.'
      : { priority: value }
  },
}

const maxRuntime: EditableFact = {
  key: 'max_runtime_seconds',
  label: 'Time limit',
  none: 'none',
  effective: ({ profile }) =>
    profile?.max_runtime_seconds == null ? null : `${duration(profile.max_runtime_seconds * 1000)} (profile)`,
  shown: ({ max_runtime_seconds: limit }) => (limit === null ? null : duration(limit * 1000)),
  typed: ({ max_runtime_seconds: limit }) => (limit === null ? '' : typedSeconds(limit)),
  parse: (text) => {
    if (text.trim() === '') return { max_runtime_seconds: null }
    const seconds = parseSeconds(text)
    return seconds === null ? 'Enter a duration: 90s, 30m, 1h30m, 2d.' : { max_runtime_seconds: seconds }
  },
  placeholder: '30m',
}

const maxRetries: EditableFact = {
  key: 'max_retries',
  label: 'Failure limit',
  none: 'none',
  effective: ({ failureLimit: { limit, source } }) => `${limit} in a row (${source})`,
  shown: ({ max_retries: limit }) => (limit === null ? null : `${limit} in a row`),
  typed: ({ max_retries: limit }) => (limit === null ? '' : String(limit)),
  parse: (text) => {
    if (text.trim() === '') return { max_retries: null }
    const value = Number(text.trim())
    return Number.isInteger(value) && value >= 1 && value <= 1000
      ? { max_retries: value }
      : 'Enter a whole number, 1 or more.'
  },
  placeholder: '3',
}

function list(key: 'skills' | 'labels', label: string, placeholder: string): EditableFact {
  return {
    key,
    label,
    none: 'none',
    shown: (task) => (task[key].length === 0 ? null : task[key].join(', ')),
    typed: (task) => task[key].join(', '),
    parse: (text) => ({ [key]: listOf(text) }),
    placeholder,
  }
}

const dueAt: EditableFact = {
  key: 'due_at',
  label: 'Due',
  none: 'none',
  shown: ({ due_at: at }) => (at === null ? null : exactTime(at)),
  typed: ({ due_at: at }) => (at === null ? '' : toLocalField(at)),
  parse: (text) => {
    if (text.trim() === '') return { due_at: null }
    const at = parseWhen(text, Date.now())
    return at === null ? 'Enter a time: +2d, 2026-12-24 or 2026-12-24T08:00.' : { due_at: at }
  },
  placeholder: '2026-12-24',
}

/** The facts that are edited in place, in display order. */
export const EDITABLE_FACTS: readonly EditableFact[] = [
  priority,
  list('labels', 'Labels', 'ui, urgent'),
  dueAt,
  plain('tenant', 'Tenant', false),
  maxRuntime,
  maxRetries,
  plain('verify_command', 'Verify command'),
  {
    ...plain('model', 'Model'),
    effective: ({ profile }) => (profile?.model == null ? null : `${profile.model} (profile)`),
  },
  list('skills', 'Skills', 'review, sql'),
  plain('branch', 'Branch'),
  plain('base_ref', 'Base branch'),
]
