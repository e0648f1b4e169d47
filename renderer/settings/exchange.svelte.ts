import type { Client, OperationOutput } from '../../contract/index.ts'
import { saveFile } from '../shared/copy.ts'
import { Saving } from '../shared/saving.svelte.ts'

export type Imported = OperationOutput<'exchange.import_json'>

export const SOURCES = [
  { value: 'json', label: 'Runboard export (JSON)' },
  { value: 'hermes', label: 'Hermes Agent (kanban.db)' },
] as const

/** Imports a board from a file, or exports one. Paths are on the machine that Runboard runs on. */
export class BoardExchange {
  source = $state<string>('json')
  path = $state('')
  /** Blank: use the slug in the file. */
  slug = $state('')
  out = $state('')
  readonly saving = new Saving<'import' | 'export' | 'accept'>()
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
    const { imported } = this
    if (imported === null) return
    await this.saving.run('accept', async () => {
      await this.#client.board.accept({ slug: imported.board })
      this.imported = { ...imported, unaccepted: false }
    })
  }

  /** Lets the browser save the board as a file, because a page in a browser cannot write to a path. */
  async download(): Promise<void> {
    await this.saving.run('export', async () => {
      const answer = await this.#client.exchange.export({ board: this.#board })
      saveFile(`${this.#board}.json`, `${JSON.stringify(answer, null, 2)}\n`)
    })
  }

  export(): Promise<void> {
    return this.#try('export', async () => {
      const answer = await this.#client.exchange.export({ board: this.#board, out: this.out.trim() })
      if ('path' in answer) this.exported = answer.path
    })
  }

  async #try(what: 'import' | 'export', call: () => Promise<void>): Promise<void> {
    const path = what === 'import' ? this.path : this.out
    const isFull = /^(?:~|\/|[A-Za-z]:[\\/])/.test(path.trim())
    this.saving.error = isFull ? null : 'Give the full path of the file.'
    if (!isFull) return
    this.imported = this.exported = null
    await this.saving.run(what, call)
  }
}
