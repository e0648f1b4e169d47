import type { Client, OperationOutput } from '../../contract/index.ts'
import { asker } from '../shared/ask.svelte.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import { Saving } from '../shared/saving.svelte.ts'
import { exactTime } from '../shared/time.ts'
import { toasts } from '../shared/toasts.svelte.ts'

export type Backup = OperationOutput<'backup.list'>['backups'][number]
export type Check = OperationOutput<'doctor.run'>['checks'][number]

/** The backups of a board, and its integrity check. */
export class Backups {
  list = $state.raw<readonly Backup[] | null>(null)
  failure = $state.raw<Failure | null>(null)
  checks = $state.raw<readonly Check[] | null>(null)
  readonly saving = new Saving<'backup' | 'doctor'>()

  readonly #client: Client
  readonly #board: string
  /** After a restore everything on the screen is out of date. */
  readonly #restored: () => void

  constructor(client: Client, board: string, restored: () => void) {
    this.#client = client
    this.#board = board
    this.#restored = restored
  }

  async read(): Promise<void> {
    try {
      this.list = (await this.#client.backup.list({ board: this.#board })).backups
      this.failure = null
    } catch (error) {
      this.failure = asFailure(error)
    }
  }

  async create(): Promise<void> {
    const create = async () => {
      const made = await this.#client.backup.create({ board: this.#board })
      toasts.show(`Backed up ${made.tasks} tasks and ${made.runs} runs`, { details: [made.path] })
      await this.read()
    }
    await this.saving.run('backup', create, 'The board was not backed up')
  }

  async restore(backup: Backup): Promise<void> {
    const answer = await asker.ask({
      title: 'Restore this backup?',
      text: `The board goes back to what it was on ${exactTime(backup.made_at)}. The board as it is now is kept beside it.`,
      confirm: 'Restore',
      danger: true,
    })
    if (answer === null) return
    try {
      const done = await this.#client.backup.restore({ slug: this.#board, path: backup.path })
      const kept = done.set_aside === null ? [] : [`The board as it was: ${done.set_aside}`]
      toasts.show(`Restored ${done.tasks} tasks and ${done.runs} runs`, { details: kept })
      this.#restored()
    } catch (error) {
      toasts.fail(error, 'The backup was not restored')
    }
  }

  async check(): Promise<void> {
    const run = () => this.#client.doctor.run({ slug: this.#board })
    const answer = await this.saving.run('doctor', run, 'The board could not be checked')
    if (answer !== null) this.checks = answer.checks
  }
}
