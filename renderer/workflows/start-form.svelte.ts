import type { Client, OperationOutput, ProfileState } from '../../contract/index.ts'
import { Saving } from '../shared/saving.svelte.ts'

type Listed = OperationOutput<'workflow.list'>['workflows'][number]
type Shown = OperationOutput<'workflow.show'>

/** An input of a workflow, as its file declares it. */
export interface InputField {
  name: string
  label: string
  type: 'string' | 'text' | 'int' | 'bool' | 'choice' | 'list' | 'path' | 'profile'
  required: boolean
  choices: readonly string[]
  /** The default of the input, as text; '' without one. */
  fallback: string
}

export interface RoleField {
  name: string
  /** The profile that the file names; '' when it names none. */
  profile: string
  capability: string | null
  not_same_as: string | null
}

/** What a start needs: which workflow, a value for each input, and a profile for each role. */
export class StartForm {
  workflows = $state.raw<readonly Listed[]>([])
  /** The chosen workflow; '' for none. */
  name = $state('')
  shown = $state.raw<Shown | null>(null)
  /** Typed values by input. */
  values = $state<Record<string, string>>({})
  /** Chosen profiles by role; '' lets the start choose. */
  roles = $state<Record<string, string>>({})
  readonly saving = new Saving<'list' | 'show' | 'trust' | 'start'>()

  readonly #client: Client
  readonly #board: string

  constructor(client: Client, board: string) {
    this.#client = client
    this.#board = board
  }

  async readList(): Promise<void> {
    const answer = await this.saving.run('list', () => this.#client.workflow.list({ board: this.#board }))
    if (answer !== null) this.workflows = answer.workflows
  }

  /** @param name '' for none */
  async choose(name: string): Promise<void> {
    this.name = name
    this.shown = null
    this.saving.error = null
    if (name === '') return
    const shown = await this.saving.run('show', () =>
      this.#client.workflow.show({ board: this.#board, name }),
    )
    if (shown === null || this.name !== name) return
    this.shown = shown
  }

  get inputs(): InputField[] {
    return Object.entries(this.shown?.inputs ?? {}).map(([name, declared]) => inputField(name, declared))
  }

  get roleFields(): RoleField[] {
    return Object.entries(this.shown?.roles ?? {}).map(([name, declared]) => {
      const { capability, not_same_as, profile } = declared as Partial<Record<string, string>>
      return {
        name,
        profile: profile ?? '',
        capability: capability ?? null,
        not_same_as: not_same_as ?? null,
      }
    })
  }

  /** Trusts the shown version of a project's file, and no other version. */
  async trust(): Promise<void> {
    const { shown } = this
    if (shown?.digest == null) return
    const { digest, name } = shown
    const done = await this.saving.run('trust', () =>
      this.#client.workflow.trust({ board: this.#board, name, digest }),
    )
    if (done !== null) await this.choose(name)
  }

  /** A sentence that says why the workflow cannot be started yet; null when it can. */
  get problem(): string | null {
    if (this.name === '') return 'Choose a workflow.'
    if (this.shown === null) return this.saving.error ?? 'The workflow is being read.'
    const [mistake] = this.shown.problems
    if (mistake !== undefined)
      return `Its file has mistakes, the first in line ${mistake.line}: ${mistake.message}.`
    if (!this.shown.trusted) return 'Read what it would run, then allow it.'
    const missing = this.inputs.find(
      ({ fallback, name, required }) =>
        required && fallback === '' && (this.values[name] ?? '').trim() === '',
    )
    return missing === undefined ? null : `“${missing.label}” needs a value.`
  }

  /** Fields for `workflow.start` and `task.create`. These operations convert each text to the type of its input. */
  get given(): { inputs: Record<string, string>; roles: Record<string, string> } {
    // Values typed for another workflow are kept, but not sent.
    return { inputs: filled(this.values, this.inputs), roles: filled(this.roles, this.roleFields) }
  }

  /** The chosen workflow and the typed values, to keep until it is started; null without a workflow. */
  get typed(): object | null {
    const { name, roles, values } = this
    return name === '' ? null : { name, roles: { ...roles }, values: { ...values } }
  }

  /** @param kept an earlier `typed`; checked, because it comes from the browser's storage */
  restore(kept: unknown): void {
    if (typeof kept !== 'object' || kept === null) return
    const { name, roles, values } = kept as Partial<Record<string, unknown>>
    this.values = textsOf(values)
    this.roles = textsOf(roles)
    if (typeof name === 'string' && name !== this.name) void this.choose(name)
  }

  /** @param id the task to start it on @returns whether it was started; if not, `saving.error` says why */
  async start(id: string): Promise<boolean> {
    this.saving.error = this.problem
    if (this.saving.error !== null) return false
    const started = await this.saving.run('start', () =>
      this.#client.workflow.start({ board: this.#board, id, name: this.name, ...this.given }),
    )
    return started !== null
  }
}

function filled(
  texts: Record<string, string>,
  fields: readonly { readonly name: string }[],
): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap(({ name }) => ((texts[name] ?? '').trim() === '' ? [] : [[name, texts[name] ?? '']])),
  )
}

function inputField(name: string, declared: Record<string, unknown>): InputField {
  const { choices, required, title, type } = declared
  return {
    name,
    label: typeof title === 'string' ? title : name.replaceAll('_', ' '),
    type: type as InputField['type'],
    required: required === true,
    choices: Array.isArray(choices) ? choices.map(String) : [],
    fallback: textOf(declared['default']),
  }
}

/**
 * @param fields all roles of the workflow
 * @param roles the chosen profiles; a role without a choice has the profile that the file names
 * @returns the names of the profiles that can take a role
 */
export function profilesFor(
  { capability, not_same_as }: RoleField,
  fields: readonly RoleField[],
  profiles: readonly ProfileState[],
  roles: Record<string, string>,
): string[] {
  const other = fields.find(({ name }) => name === not_same_as)
  const taken = other === undefined ? '' : (roles[other.name] ?? '') || other.profile
  return profiles
    .filter(({ capabilities }) => capability === null || capabilities.some((one) => one === capability))
    .map(({ name }) => name)
    .filter((name) => name !== taken)
}

/** @returns the default of an input as text; '' without one */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(', ')
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
}

function textsOf(kept: unknown): Record<string, string> {
  if (typeof kept !== 'object' || kept === null) return {}
  return Object.fromEntries(
    Object.entries(kept).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
