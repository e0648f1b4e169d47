import type { Client, OperationInput, OperationOutput, Task } from '../../../contract/index.ts'
import type { TaskStatus } from '../../../contract/states.ts'
import { toasts } from '../../shared/toasts.svelte.ts'
import { keepDraft, keptDraft } from '../../shared/kept-drafts.ts'
import { readFiles } from '../../shared/files.ts'
import { Saving } from '../../shared/saving.svelte.ts'
import { readPriority } from '../../../formats/priority.ts'
import { parseWhen } from '../../shared/when.ts'
import { listOf } from '../../shared/name-list.ts'
import { StartForm } from '../../workflows/start-form.svelte.ts'
import type { BoardStore } from '../board-store.svelte.ts'

export interface Parent {
  id: string
  title: string
}

/** The lines of a pasted list, without bullets, numbers and checkboxes. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/^\s*(?:[-*+•]|\d+[.)])?\s*(?:\[[ xX]?\])?\s+/, '').trim())
    .filter((line) => line !== '')
}

const TEXTS = [
  'title',
  'body',
  'assignee',
  'priority',
  'tenant',
  'labels',
  'due',
  'folder',
  'model',
  'base',
  'when',
  'verify',
  'maxRuntime',
] as const
/** The fields that are shown only on request, or if they have a value. */
const HIDDEN_AT_FIRST = ['verify', 'tenant', 'labels', 'due', 'maxRuntime'] as const
const STARTS = ['now', 'held', 'later', 'triage'] as const
const WORKSPACES = ['', 'scratch', 'worktree', 'dir'] as const

/** The files of unsent drafts, by the keys of the drafts. */
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- read when a draft is made, never rendered
const keptFiles = new Map<string, readonly File[]>()

/** A new task while it is being written. The text survives the form and a reload, until it is sent or discarded. */
export class Draft {
  title = $state('')
  body = $state('')
  assignee = $state('')
  priority = $state('0')
  parents = $state.raw<readonly Parent[]>([])
  tenant = $state('')
  /** Names separated by commas. */
  labels = $state('')
  due = $state('')
  workspace = $state<(typeof WORKSPACES)[number]>('')
  folder = $state('')
  model = $state('')
  base = $state('')
  start = $state<(typeof STARTS)[number]>('now')
  when = $state('')
  verify = $state('')
  maxRuntime = $state('')
  /** The folder that the board works on. */
  project = $state.raw<OperationOutput<'project.look'>['project'] | null>(null)
  /** The workflow that the task starts on, if any. */
  readonly workflow: StartForm
  /** Pasted lines: one task per line, with the same fields except the title. */
  lines = $state.raw<readonly string[]>([])
  /** Files to attach to the new task. They are kept when the form closes, but not over a reload. */
  files = $state.raw<readonly File[]>([])
  /** Shows more fields than title and assignee. */
  wide = $state(false)
  /** Its error also names a missing or wrong value, before anything is sent. */
  readonly saving = new Saving()
  /** The field whose value was refused, if it has one: the error is shown there. */
  errorField = $state<'workspace' | null>(null)

  readonly #client: Client
  readonly #store: BoardStore
  readonly #key: string
  #knowsProfiles: boolean
  /** The values before anything was typed. */
  #blank: string

  /** @param place the form it belongs to; its unsent text is restored */
  constructor(client: Client, store: BoardStore, status: TaskStatus = 'ready', place = 'dialog') {
    this.#client = client
    this.#store = store
    this.#key = `create/${store.slug}/${place}`
    this.workflow = new StartForm(client, store.slug)
    this.start = status === 'triage' ? 'triage' : 'now'
    this.#knowsProfiles = store.profiles.length > 0
    this.assignee = usualAssignee(store)
    this.#blank = JSON.stringify(this.#values())
    this.#fill(keptDraft(this.#key))
    this.files = keptFiles.get(this.#key) ?? []
  }

  /** Sets the usual assignee in a form that opened before the profiles were read. Call it when they are. */
  profilesRead(): void {
    if (this.#knowsProfiles || this.#store.profiles.length === 0) return
    this.#knowsProfiles = true
    const isEmpty = this.isEmpty
    if (this.assignee === '') this.assignee = usualAssignee(this.#store)
    if (isEmpty) this.#blank = JSON.stringify(this.#values())
  }

  /** Reads the defaults of the project and the list of workflows. Without an answer the form shows no defaults. */
  async readDefaults(): Promise<void> {
    void this.workflow.readList()
    const { board } = this.#store
    const path = board?.project_dir
    if (path == null) return
    try {
      this.project = (await this.#client.project.look({ path })).project
    } catch {
      // `task.create` reports a fault of the project, if it affects the task.
      this.project = null
    }
  }

  /** The workspace of a task that names none. */
  get defaultWorkspace(): string {
    return this.#store.board?.settings.default_workspace ?? this.project?.workspace ?? 'scratch'
  }

  get usesWorktree(): boolean {
    return (this.workspace === '' ? this.defaultWorkspace : this.workspace).startsWith('worktree')
  }

  /** Whether nothing has been typed or chosen. */
  get isEmpty(): boolean {
    return this.files.length === 0 && JSON.stringify(this.#values()) === this.#blank
  }

  /** Call it in an effect: it stores what is typed. */
  keep(): void {
    keepDraft(this.#key, this.isEmpty ? null : this.#values())
    if (this.files.length === 0) keptFiles.delete(this.#key)
    else keptFiles.set(this.#key, this.files)
  }

  /** Empties the form. @returns a function that restores it */
  discard(): () => void {
    const before = this.#values()
    const { files } = this
    this.files = []
    this.#fill(JSON.parse(this.#blank))
    this.saving.error = null
    this.keep()
    return () => {
      this.#fill(before)
      this.files = files
      this.keep()
    }
  }

  /** Prepares the next task: keeps the chosen fields, clears the text. */
  next(): void {
    this.title = ''
    this.body = ''
    for (const input of Object.keys(this.workflow.values)) this.workflow.values[input] = ''
    this.lines = []
    this.files = []
    this.#blank = JSON.stringify(this.#values())
    this.keep()
  }

  /** @returns what is wrong with the draft under this title, or null */
  problemOf(title: string): string | null {
    if (title.trim() === '') return 'A task needs a title.'
    if (readPriority(this.priority.trim() || '0') === null) return 'The priority must be a whole number.'
    if (this.workspace === 'dir' && this.folder.trim() === '') return 'Name the folder to work in.'
    if (this.start === 'later' && parseWhen(this.when, Date.now()) === null) {
      return 'The start time must be a date and time, or +2h for two hours from now.'
    }
    if (this.workflow.name !== '' && this.workflow.problem !== null) return this.workflow.problem
    if (this.due.trim() !== '' && parseWhen(this.due, Date.now()) === null) {
      return 'The due date must be a date, a date and time, or +2d for two days from now.'
    }
    return null
  }

  /** @returns the new task, or null when it was refused; `saving.error` then says why */
  async send(title = this.title): Promise<Task | null> {
    const { saving } = this
    saving.error = this.problemOf(title)
    this.errorField = null
    if (saving.error !== null) return null
    const task = await saving.run('saving', async () => {
      const attachments = await readFiles(this.files)
      const created = await this.#client.task.create({ ...this.#input(title), attachments })
      localStorage.setItem(assigneeKey(this.#store), this.assignee)
      void this.#store.refresh()
      return created.task
    })
    this.errorField = saving.failure?.data?.['field'] === 'workspace' ? 'workspace' : null
    return task
  }

  /**
   * Creates one task per line, with the same fields except the title. Refused lines are named and stay in the form.
   *
   * @returns how many were created
   */
  async sendLines(lines: readonly string[]): Promise<number> {
    this.saving.error = this.problemOf(lines[0] ?? '')
    if (this.saving.error !== null) return 0
    const refused: { line: string; why: string }[] = []
    for (const line of lines) {
      if ((await this.send(line)) === null) refused.push({ line, why: this.saving.error ?? '' })
    }
    if (refused.length === 0) this.next()
    else {
      this.lines = refused.map(({ line }) => line)
      toasts.show(`${refused.length} of ${lines.length} tasks were refused`, {
        tone: 'bad',
        details: refused.map(({ line, why }) => `${line}: ${why}`),
      })
    }
    return lines.length - refused.length
  }

  #values() {
    const texts = Object.fromEntries(TEXTS.map((key) => [key, this[key]]))
    const { start, workspace, parents, lines } = this
    return { ...texts, start, workspace, parents, lines, workflow: this.workflow.typed }
  }

  /** @param kept any value: it comes from the browser's storage */
  #fill(kept: unknown): void {
    if (typeof kept !== 'object' || kept === null) return
    const values = kept as Partial<Record<string, unknown>>
    for (const key of TEXTS) if (typeof values[key] === 'string') this[key] = values[key]
    this.start = STARTS.find((start) => start === values['start']) ?? this.start
    this.workspace = WORKSPACES.find((workspace) => workspace === values['workspace']) ?? this.workspace
    if (Array.isArray(values['parents'])) this.parents = values['parents'].filter(isParent)
    if (Array.isArray(values['lines']))
      this.lines = values['lines'].filter((line) => typeof line === 'string')
    this.workflow.restore(values['workflow'])
    if (HIDDEN_AT_FIRST.some((key) => this[key] !== '')) this.wide = true
  }

  #input(title: string): OperationInput<'task.create'> {
    const optional = (value: string) => (value.trim() === '' ? null : value.trim())
    return {
      board: this.#store.slug,
      title: title.trim(),
      body: optional(this.body),
      assignee: optional(this.assignee),
      priority: readPriority(this.priority.trim() || '0') ?? 0,
      parents: this.parents.map(({ id }) => id),
      tenant: optional(this.tenant),
      labels: listOf(this.labels),
      due_at: this.due.trim() === '' ? null : parseWhen(this.due, Date.now()),
      model: optional(this.model),
      base_ref: this.usesWorktree ? optional(this.base) : null,
      workspace: this.workspace === 'dir' ? `dir:${this.folder.trim()}` : optional(this.workspace),
      ...(this.workflow.name === ''
        ? {}
        : { workflow_template_id: this.workflow.name, ...(this.workflow.given as object) }),
      triage: this.start === 'triage',
      held: this.start === 'held',
      not_before_at: this.start === 'later' ? parseWhen(this.when, Date.now()) : null,
      verify_command: optional(this.verify),
      max_runtime_seconds: this.maxRuntime === '' ? null : Number(this.maxRuntime) * 60,
    }
  }
}

function isParent(value: unknown): value is Parent {
  if (typeof value !== 'object' || value === null) return false
  const { id, title } = value as Partial<Record<keyof Parent, unknown>>
  return typeof id === 'string' && typeof title === 'string'
}

function assigneeKey(store: BoardStore): string {
  return `runboard:assignee:${store.slug}`
}

/** @returns the only profile, else the last assignee; '' for nobody */
function usualAssignee(store: BoardStore): string {
  return store.profiles.length === 1 ? (store.profiles[0]?.name ?? '') : (lastAssignee(store) ?? '')
}

/** The last assignee, if that profile still exists. */
function lastAssignee(store: BoardStore): string | undefined {
  const last = localStorage.getItem(assigneeKey(store))
  return store.profiles.find((profile) => profile.name === last)?.name
}
