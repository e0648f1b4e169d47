import type { Client, OperationOutput } from '../../contract/index.ts'
import { asFailure } from '../shared/errors.ts'

export type Imported = OperationOutput<'exchange.import_json'>

export const SOURCES = [
  { value: 'json', label: 'A board that Runboard exported' },
  { value: 'hermes', label: 'The kanban.db of Hermes Agent' },
] as const

/** Imports a board from a file, or exports one. Paths are on the machine that Runboard runs on. */
export class BoardExchange {
  source = $state<string>('json')
  path = $state('')
  /** Blank: use the slug in the file. */
  slug = $state('')
  out = $state('')
  busy = $state<'import' | 'export' | null>(null)
  error = $state<string | null>(null)
  imported = $state.raw<Imported | null>(null)
  exported = $state.raw<string | null>(null)

  readonly #client: Client
  readonly #board: string

  constructor(client: Client, board: string) {
    this.#client = client
    this.#board = board
  }

  import(): Promise<void> {
    return this.#try('import', async () => {
      const { exchange } = this.#client
      const verb = this.source === 'hermes' ? exchange.import_hermes : exchange.import_json
      const slug = this.slug.trim() === '' ? {} : { slug: this.slug.trim() }
      this.imported = await verb({ path: this.path.trim(), ...slug })
    })
  }

  /** Accepts the commands that the imported board would run, and starts it. */
  async accept(): Promise<void> {
    if (this.imported === null) return
    try {
      await this.#client.board.accept({ slug: this.imported.board })
      this.imported = { ...this.imported, unaccepted: false }
    } catch (error) {
      this.error = asFailure(error).message
    }
  }

  export(): Promise<void> {
    return this.#try('export', async () => {
      const answer = await this.#client.exchange.export({ board: this.#board, out: this.out.trim() })
      if ('path' in answer) this.exported = answer.path
    })
  }

  async #try(what: 'import' | 'export', call: () => Promise<void>): Promise<void> {
    const path = what === 'import' ? this.path : this.out
    this.error = /^(?:\/|[A-Za-z]:[\\/])/.test(path.trim()) ? null : 'Give the full path of the file.'
    if (this.error !== null) return
    this.busy = what
    this.imported = this.exported = null
    try {
      await call()
    } catch (error) {
      this.error = asFailure(error).message
    } finally {
      this.busy = null
    }
  }
}
