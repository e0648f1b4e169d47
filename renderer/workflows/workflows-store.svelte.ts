import type { Client, OperationOutput } from '../../contract/index.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import { keepDraft, keptDraft } from '../shared/kept-drafts.ts'
import { Lookup } from '../shared/lookup.svelte.ts'
import { Saving } from '../shared/saving.svelte.ts'
import { toasts } from '../shared/toasts.svelte.ts'

export type Listed = OperationOutput<'workflow.list'>['workflows'][number]
export type Shown = OperationOutput<'workflow.show'>
type Outline = OperationOutput<'workflow.check'>['outline']

/** A mistake in a file. */
export interface Mistake {
  line: number
  column: number
  message: string
}

interface Checked {
  mistakes: readonly Mistake[]
  /** null when the file has mistakes. */
  outline: Outline | null
}

const UNCHECKED: Checked = { mistakes: [], outline: null }

/** The workflows of a board, and the one that is looked at. */
export class WorkflowsStore {
  list = $state.raw<readonly Listed[] | null>(null)
  failure = $state.raw<Failure | null>(null)
  shown = $state.raw<Shown | null>(null)
  /** The file as it is kept, and as it is being edited. */
  kept = $state('')
  text = $state('')
  readonly saving = new Saving<'show' | 'trust' | 'save' | 'remove'>()
  readonly #check: Lookup<Checked>
  readonly #client: Client
  readonly #board: string
  #name = ''

  constructor(client: Client, board: string) {
    this.#client = client
    this.#board = board
    this.#check = new Lookup((file) => this.#checked(file), UNCHECKED)
  }

  async read(): Promise<void> {
    try {
      this.list = (await this.#client.workflow.list({ board: this.#board })).workflows
      this.failure = null
    } catch (error) {
      this.failure = asFailure(error)
    }
  }

  async show(name: string): Promise<void> {
    const read = await this.saving.run('show', async () => {
      const board = this.#board
      const listed = this.list?.find((one) => one.name === name)
      const { file } = await this.#client.workflow.export({ board, name })
      // A file with mistakes has no steps to show; its text can be mended all the same.
      const shown =
        (listed?.problems.length ?? 0) > 0 ? null : await this.#client.workflow.show({ board, name })
      return { file, shown }
    })
    if (read === null) return
    this.#check.value = UNCHECKED // that of another file
    this.shown = read.shown
    this.kept = read.file
    this.#name = name
    // What was typed and not saved is there again, after a reload too.
    const draft = keptDraft(this.#draftKey)
    this.text = typeof draft === 'string' ? draft : read.file
    this.checkText()
  }

  /** Call it whenever the text changes. */
  checkText(): void {
    keepDraft(this.#draftKey, this.isChanged ? this.text : null)
    this.#check.look(this.text)
  }

  get #draftKey(): string {
    return `workflow-file/${this.#board}/${this.#name}`
  }

  get checked(): Checked {
    return this.#check.value
  }

  get isChanged(): boolean {
    return this.text !== this.kept
  }

  async #checked(file: string): Promise<Checked> {
    if (file === '')
      return { mistakes: [{ line: 1, column: 1, message: 'the file is empty' }], outline: null }
    try {
      const { outline } = await this.#client.workflow.check({ board: this.#board, file })
      return { mistakes: [], outline }
    } catch (error) {
      const { data, message } = asFailure(error)
      const problems = data?.['problems']
      const mistakes = Array.isArray(problems) ? (problems as Mistake[]) : [{ line: 1, column: 1, message }]
      return { mistakes, outline: null }
    }
  }

  /** Keeps the text as a file of the home. The file that it replaces is put aside, not deleted. @returns its name */
  async save(): Promise<string | null> {
    const saved = await this.saving.run('save', () =>
      this.#client.workflow.add({ board: this.#board, file: this.text, replace: true }),
    )
    if (saved === null) return null
    toasts.show(`Saved as ${saved.path}`)
    keepDraft(this.#draftKey, null)
    this.kept = this.text
    await this.read()
    return saved.name
  }

  async trust(): Promise<void> {
    const { shown } = this
    if (shown?.digest == null) return
    const { digest, name } = shown
    const done = await this.saving.run('trust', () =>
      this.#client.workflow.trust({ board: this.#board, name, digest }),
    )
    if (done === null) return
    await this.read()
    await this.show(name)
  }

  /** Puts a file of the home aside. */
  async remove(name: string): Promise<boolean> {
    const removed = await this.saving.run('remove', () =>
      this.#client.workflow.remove({ board: this.#board, name }),
    )
    if (removed === null) return false
    toasts.show(`Put aside as ${removed.path}`)
    await this.read()
    return true
  }
}
