import type { OperationInput, Task } from '../../contract/index.ts'
import type { TaskStatus } from '../../contract/states.ts'
import type { Client } from '../../contract/index.ts'
import { asFailure } from '../shared/errors.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import { parseWhen } from '../shared/when.ts'
import type { BoardStore } from './board-store.svelte.ts'

export interface Parent {
  id: string
  title: string
}

/** The lines of a pasted list, without its bullets, numbers and boxes. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/^\s*(?:[-*+•]|\d+[.)])?\s*(?:\[[ xX]?\])?\s+/, '').trim())
    .filter((line) => line !== '')
}

/** A task as it is being written. */
export class Draft {
  title = $state('')
  body = $state('')
  assignee = $state('')
  priority = $state('0')
  parents = $state.raw<readonly Parent[]>([])
  tenant = $state('')
  workspace = $state<'' | 'scratch' | 'worktree' | 'dir'>('')
  folder = $state('')
  start = $state<'now' | 'held' | 'later' | 'triage'>('now')
  when = $state('')
  verify = $state('')
  maxRuntime = $state('')
  /** More than the title and who does it are shown. */
  wide = $state(false)
  sending = $state(false)
  error = $state<string | null>(null)

  readonly #client: Client
  readonly #store: BoardStore

  constructor(client: Client, store: BoardStore, status: TaskStatus = 'ready') {
    this.#client = client
    this.#store = store
    if (status === 'triage') this.start = 'triage'
    this.assignee =
      store.profiles.length === 1 ? (store.profiles[0]?.name ?? '') : (lastAssignee(store) ?? '')
  }

  get isEmpty(): boolean {
    return this.title.trim() === '' && this.body.trim() === ''
  }

  /** What is wrong with it as it stands, or null. */
  get problem(): string | null {
    if (this.title.trim() === '') return 'A task needs a title.'
    if (!/^[+-]?\d+$/.test(this.priority.trim() || '0')) return 'The priority is a whole number.'
    if (this.workspace === 'dir' && this.folder.trim() === '') return 'Name the folder to work in.'
    if (this.start === 'later' && parseWhen(this.when, Date.now()) === null) {
      return 'The start time is a date and time, or +2h for two hours from now.'
    }
    return null
  }

  /** @returns the new task, or null when it was refused: `error` then says why */
  async send(title = this.title): Promise<Task | null> {
    this.error = this.problem
    if (this.error !== null) return null
    this.sending = true
    try {
      const { task } = await this.#client.task.create(this.#input(title))
      localStorage.setItem(assigneeKey(this.#store), this.assignee)
      void this.#store.refresh()
      return task
    } catch (cause) {
      this.error = asFailure(cause).message
      return null
    } finally {
      this.sending = false
    }
  }

  /** One task a line, all alike but for the title. Those that were refused are named, and are the title again. */
  async sendLines(lines: readonly string[]): Promise<number> {
    const refused: string[] = []
    for (const line of lines) {
      if ((await this.send(line)) === null) refused.push(`${line}: ${this.error ?? ''}`)
    }
    if (refused.length > 0) {
      toasts.show(`${refused.length} of ${lines.length} tasks were refused`, {
        tone: 'bad',
        details: refused,
      })
    }
    return lines.length - refused.length
  }

  #input(title: string): OperationInput<'task.create'> {
    const optional = (value: string) => (value.trim() === '' ? null : value.trim())
    return {
      board: this.#store.slug,
      title: title.trim(),
      body: optional(this.body),
      assignee: optional(this.assignee),
      priority: Number(this.priority.trim() || '0'),
      parents: this.parents.map(({ id }) => id),
      tenant: optional(this.tenant),
      workspace: this.workspace === 'dir' ? `dir:${this.folder.trim()}` : optional(this.workspace),
      triage: this.start === 'triage',
      held: this.start === 'held',
      not_before_at: this.start === 'later' ? parseWhen(this.when, Date.now()) : null,
      verify_command: optional(this.verify),
      max_runtime_seconds: this.maxRuntime === '' ? null : Number(this.maxRuntime) * 60,
    }
  }
}

function assigneeKey(store: BoardStore): string {
  return `runboard:assignee:${store.slug}`
}

/** Who got the task before, if that profile is still there. */
function lastAssignee(store: BoardStore): string | undefined {
  const last = localStorage.getItem(assigneeKey(store))
  return store.profiles.find((profile) => profile.name === last)?.name
}
