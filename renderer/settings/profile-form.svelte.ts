import type { Client, OperationInput, Profile } from '../../contract/index.ts'
import { asFailure } from '../shared/errors.ts'

type Fields = OperationInput<'profile.set'>['fields']
type Capability = Profile['capabilities'][number]

/** A profile as it is typed: what it runs, and the limits it is held to. */
export class ProfileForm {
  name = $state('')
  description = $state('')
  /** One argument a line, or a line for the shell. */
  kind = $state<'command' | 'shell'>('shell')
  command = $state('')
  shell = $state('')
  stdin = $state<'none' | 'context'>('context')
  completion = $state<'explicit' | 'exit-code'>('exit-code')
  maxConcurrent = $state('')
  maxRuntimeMinutes = $state('')
  failureLimit = $state('')
  backoffSeconds = $state('')
  model = $state('')
  rateLimitPattern = $state('')
  env = $state('')
  capabilities = $state.raw<readonly Capability[]>(['worker'])
  saving = $state(false)
  error = $state<string | null>(null)

  /** null for a new one. */
  readonly existing: string | null
  readonly #client: Client

  constructor(client: Client, from: Profile | null, existing: boolean) {
    this.#client = client
    this.existing = existing && from !== null ? from.name : null
    if (from !== null) this.#fill(from)
  }

  get problem(): string | null {
    if (this.name.trim() === '') return 'A profile needs a name.'
    if (this.kind === 'shell' && this.shell.trim() === '') return 'Say what it runs.'
    if (this.kind === 'command' && this.command.trim() === '') return 'Say what it runs.'
    const numbers = [this.maxConcurrent, this.maxRuntimeMinutes, this.failureLimit, this.backoffSeconds]
    return numbers.some((text) => text.trim() !== '' && !(Number(text) >= 0)) ? 'Limits are numbers.' : null
  }

  /** @returns whether it was saved: `error` else says why not */
  async save(): Promise<boolean> {
    this.error = this.problem
    if (this.error !== null) return false
    this.saving = true
    try {
      if (this.existing === null)
        await this.#client.profile.add({ name: this.name.trim(), ...this.#fields() })
      else await this.#client.profile.set({ name: this.existing, fields: this.#fields() })
      return true
    } catch (cause) {
      this.error = asFailure(cause).message
      return false
    } finally {
      this.saving = false
    }
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
    this.kind = from.command === null ? 'shell' : 'command'
    this.command = (from.command ?? []).join('\n')
    this.shell = text(from.shell)
    this.stdin = from.stdin
    this.completion = from.completion
    this.maxConcurrent = text(from.max_concurrent)
    this.maxRuntimeMinutes = text(from.max_runtime_seconds === null ? null : from.max_runtime_seconds / 60)
    this.failureLimit = text(from.failure_limit)
    this.backoffSeconds = text(from.backoff_seconds)
    this.model = text(from.model)
    this.rateLimitPattern = text(from.rate_limit_pattern)
    this.env = Object.entries(from.env)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n')
    this.capabilities = from.capabilities
  }

  #fields(): Fields {
    const number = (text: string, factor = 1) =>
      text.trim() === '' ? null : Math.round(Number(text) * factor)
    const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '')
    return {
      description: this.description,
      command: this.kind === 'command' ? lines(this.command) : null,
      shell: this.kind === 'shell' ? this.shell : null,
      env: Object.fromEntries(
        lines(this.env).map((line) => [line.split('=')[0]?.trim() ?? '', line.slice(line.indexOf('=') + 1)]),
      ),
      stdin: this.stdin,
      completion: this.completion,
      max_concurrent: number(this.maxConcurrent),
      max_runtime_seconds: number(this.maxRuntimeMinutes, 60),
      failure_limit: number(this.failureLimit),
      backoff_seconds: number(this.backoffSeconds),
      model: this.model,
      rate_limit_pattern: this.rateLimitPattern,
      capabilities: [...this.capabilities],
    }
  }
}
