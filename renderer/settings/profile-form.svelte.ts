import type { Client, OperationInput, Profile } from '../../contract/index.ts'
import { keepDraft, keptDraft } from '../shared/kept-drafts.ts'
import { Saving } from '../shared/saving.svelte.ts'
import { words } from '../shared/tones.ts'
import { chooseFields } from './chosen-fields.ts'

type Fields = NonNullable<OperationInput<'profile.set'>['fields']>
type Capability = Profile['capabilities'][number]

const TEXTS = [
  'name',
  'description',
  'command',
  'shell',
  'acpMode',
  'maxConcurrent',
  'maxRuntimeMinutes',
  'failureLimit',
  'backoffSeconds',
  'model',
  'rateLimitPattern',
  'failurePattern',
  'env',
  'maxWaitHours',
  'allowedCommands',
  'allowedTools',
] as const
const KINDS = ['command', 'shell', 'acp'] as const
const STDINS = ['none', 'context'] as const
const COMPLETIONS = ['explicit', 'exit-code'] as const
const RESUME_RULES = ['auto', 'never'] as const
const CAPABILITIES: readonly Capability[] = ['worker', 'planner', 'reviewer']

/** A profile as texts: its command and its limits. Typed text survives the dialog and a reload. */
export class ProfileForm {
  name = $state('')
  description = $state('')
  /** One argument per line, or a shell line. `acp`: arguments too, of an agent that the bridge talks to. */
  kind = $state<(typeof KINDS)[number]>('shell')
  command = $state('')
  shell = $state('')
  acpMode = $state('')
  stdin = $state<(typeof STDINS)[number]>('context')
  completion = $state<(typeof COMPLETIONS)[number]>('exit-code')
  resume = $state<(typeof RESUME_RULES)[number]>('auto')
  maxConcurrent = $state('')
  maxRuntimeMinutes = $state('')
  failureLimit = $state('')
  backoffSeconds = $state('')
  model = $state('')
  rateLimitPattern = $state('')
  failurePattern = $state('')
  env = $state('')
  maxWaitHours = $state('')
  /** What its agents may do unasked: one rule per line. */
  allowedCommands = $state('')
  allowedTools = $state('')
  allowEdits = $state(false)
  capabilities = $state.raw<readonly Capability[]>(['worker'])
  readonly saving = new Saving()

  /** null for a new one. */
  readonly existing: string | null
  /** The preset that a new one is made from: it also has fields that the form does not show. */
  readonly #preset: string | null
  readonly #client: Client
  readonly #key: string
  /** Its texts before anything was typed. */
  readonly #before: string
  /** The profile when typing began, possibly before a reload. */
  readonly #opened: Profile | null

  constructor(client: Client, from: Profile | null, existing: boolean) {
    this.#client = client
    this.existing = existing && from !== null ? from.name : null
    this.#preset = existing || from === null ? null : from.name
    this.#key = existing ? `profile/${from?.name ?? ''}` : `profile-from/${from?.name ?? ''}`
    const kept = keptDraft(this.#key)
    this.#opened = openedIn(kept) ?? from
    const untyped = this.#textsOf(this.#opened)
    if (from !== null) this.#fill(from)
    this.#before = JSON.stringify(this.#typed())
    this.#restore(kept, untyped)
  }

  /** Fills the form from a profile. @returns its texts */
  #textsOf(profile: Profile | null): Record<string, unknown> {
    if (profile !== null) this.#fill(profile)
    return this.#typed()
  }

  get changed(): boolean {
    return JSON.stringify(this.#typed()) !== this.#before
  }

  /** Call it in an effect: it stores what is typed. */
  keep(): void {
    keepDraft(this.#key, this.changed ? this.#draft() : null)
  }

  #draft() {
    return { ...this.#typed(), opened: this.#opened }
  }

  /** Resets the form to its state before typing. @returns a function that restores the text */
  discard(): () => void {
    const typed = this.#draft()
    keepDraft(this.#key, null)
    return () => keepDraft(this.#key, typed)
  }

  get problem(): string | null {
    if (this.name.trim() === '') return 'A profile needs a name.'
    if (this.kind === 'shell' && this.shell.trim() === '') return 'Enter the command that it runs.'
    if (this.kind !== 'shell' && this.command.trim() === '') return 'Enter the command that it runs.'
    const numbers = [
      this.maxConcurrent,
      this.maxRuntimeMinutes,
      this.failureLimit,
      this.backoffSeconds,
      this.maxWaitHours,
    ]
    return numbers.some((text) => text.trim() !== '' && !(Number(text) >= 0))
      ? 'Limits must be numbers.'
      : null
  }

  /** @returns whether it was saved; if not, `saving.error` says why */
  async save(): Promise<boolean> {
    this.saving.error = this.problem
    if (this.saving.error !== null) return false
    const saved = await this.saving.run('saving', async () => {
      if (this.existing === null)
        await this.#client.profile.add({
          name: this.name.trim(),
          preset: this.#preset,
          ...this.#fields(),
        })
      else {
        const fields = await this.#chosenFields(this.existing)
        if (fields === null) return false
        if (Object.keys(fields).length > 0) await this.#client.profile.set({ name: this.existing, fields })
      }
      keepDraft(this.#key, null)
      return true
    })
    return saved === true
  }

  async #chosenFields(name: string): Promise<Fields | null> {
    const { profile } = await this.#client.profile.show({ name })
    const typed = this.#typed()
    const mine = this.#fields()
    const opened = this.#fieldsOf(this.#opened ?? profile)
    const current = this.#fieldsOf(profile)
    this.#assign(typed)
    return chooseFields({ mine, opened, current }, (key) => words(key))
  }

  #fieldsOf(profile: Profile): Fields {
    this.#fill(profile)
    return this.#fields()
  }

  toggle(capability: Capability): void {
    const has = this.capabilities.includes(capability)
    this.capabilities = has
      ? this.capabilities.filter((each) => each !== capability)
      : [...this.capabilities, capability]
  }

  #fill(from: Profile): void {
    const text = (value: number | string | null) => (value === null ? '' : String(value))
    this.name = from.name
    this.description = text(from.description)
    this.kind = from.command === null ? 'shell' : from.driver === 'acp' ? 'acp' : 'command'
    this.command = (from.command ?? []).join('\n')
    this.shell = text(from.shell)
    this.acpMode = text(from.acp_mode)
    this.stdin = from.stdin
    this.completion = from.completion
    this.resume = from.resume
    this.maxConcurrent = text(from.max_concurrent)
    this.maxRuntimeMinutes = text(from.max_runtime_seconds === null ? null : from.max_runtime_seconds / 60)
    this.failureLimit = text(from.failure_limit)
    this.backoffSeconds = text(from.backoff_seconds)
    this.model = text(from.model)
    this.rateLimitPattern = text(from.rate_limit_pattern)
    this.failurePattern = text(from.failure_pattern)
    this.env = Object.entries(from.env)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n')
    this.capabilities = from.capabilities
    this.maxWaitHours = text(from.max_wait_seconds === null ? null : from.max_wait_seconds / 3600)
    this.allowedCommands = from.allowed_commands.join('\n')
    this.allowedTools = from.allowed_tools.join('\n')
    this.allowEdits = from.allow_edits
  }

  #typed(): Record<string, unknown> {
    const texts = Object.fromEntries(TEXTS.map((key) => [key, this[key]]))
    const { kind, stdin, completion, capabilities, resume, allowEdits } = this
    return { ...texts, kind, stdin, completion, capabilities, resume, allowEdits }
  }

  /**
   * @param kept any value: it comes from the browser's storage
   * @param untyped the texts when typing began: a field that equals them was not typed into
   */
  #restore(kept: unknown, untyped: Record<string, unknown>): void {
    if (typeof kept !== 'object' || kept === null) return
    const typed = Object.entries(kept).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(untyped[key]),
    )
    this.#assign(Object.fromEntries(typed))
  }

  #assign(values: Record<string, unknown>): void {
    for (const key of TEXTS) if (typeof values[key] === 'string') this[key] = values[key]
    this.kind = KINDS.find((kind) => kind === values['kind']) ?? this.kind
    this.stdin = STDINS.find((stdin) => stdin === values['stdin']) ?? this.stdin
    this.completion = COMPLETIONS.find((each) => each === values['completion']) ?? this.completion
    this.resume = RESUME_RULES.find((rule) => rule === values['resume']) ?? this.resume
    const { capabilities, allowEdits } = values
    if (typeof allowEdits === 'boolean') this.allowEdits = allowEdits
    if (Array.isArray(capabilities))
      this.capabilities = CAPABILITIES.filter((each) => capabilities.includes(each))
  }

  /** The bridge reads the context from stdin, and only a report of its agent completes a task. */
  #driving(): Fields {
    if (this.kind === 'acp')
      return { driver: 'acp', acp_mode: this.acpMode, stdin: 'context', completion: 'explicit' }
    return { driver: 'process', acp_mode: null, stdin: this.stdin, completion: this.completion }
  }

  #fields(): Fields {
    const number = (text: string, factor = 1) =>
      text.trim() === '' ? null : Math.round(Number(text) * factor)
    const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '')
    return {
      description: this.description,
      command: this.kind === 'shell' ? null : lines(this.command),
      shell: this.kind === 'shell' ? this.shell : null,
      env: Object.fromEntries(
        lines(this.env).map((line) => [line.split('=')[0]?.trim() ?? '', line.slice(line.indexOf('=') + 1)]),
      ),
      ...this.#driving(),
      max_concurrent: number(this.maxConcurrent),
      max_runtime_seconds: number(this.maxRuntimeMinutes, 60),
      failure_limit: number(this.failureLimit),
      backoff_seconds: number(this.backoffSeconds),
      model: this.model,
      rate_limit_pattern: this.rateLimitPattern,
      failure_pattern: this.failurePattern,
      capabilities: [...this.capabilities],
      max_wait_seconds: number(this.maxWaitHours, 3600),
      allow_edits: this.allowEdits,
      allowed_commands: lines(this.allowedCommands),
      allowed_tools: lines(this.allowedTools),
      resume: this.resume,
    }
  }
}

/** @returns the profile that a stored draft began with; null if it does not say */
function openedIn(kept: unknown): Profile | null {
  const opened = typeof kept === 'object' && kept !== null && 'opened' in kept ? kept.opened : null
  const isProfile = typeof opened === 'object' && opened !== null && 'name' in opened && 'env' in opened
  return isProfile ? (opened as Profile) : null
}
