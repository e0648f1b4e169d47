import type { Client, OperationOutput } from '../../contract/index.ts'
import { asFailure } from '../shared/errors.ts'
import { keepDraft, keptDraft } from '../shared/kept-drafts.ts'
import { Lookup } from '../shared/lookup.svelte.ts'
import { Saving } from '../shared/saving.svelte.ts'
import { toasts } from '../shared/toasts.svelte.ts'

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
  /** The name in the file, and its steps; null when it has mistakes. */
  valid: { name: string; outline: Outline } | null
}

/** The workflow on the screen: its file as saved, and its text as the user edits it. */
export class OpenWorkflow {
  /** Its steps and inputs; null while they are read, and for a file with mistakes. */
  shown = $state.raw<Shown | null>(null)
  /** The saved file; null until it has been read. */
  kept = $state<string | null>(null)
  text = $state('')
  readonly saving = new Saving<'show' | 'trust' | 'save' | 'remove'>()
  readonly name: string
  readonly #check: Lookup<Checked>
  readonly #client: Client
  readonly #board: string
  readonly #draftKey: string

  constructor(client: Client, board: string, name: string) {
    this.#client = client
    this.#board = board
    this.name = name
    this.#draftKey = `workflow-file/${board}/${name}`
    this.#check = new Lookup((file) => this.#checked(file), { mistakes: [], valid: null })
  }

  /** @param hasMistakes a file with mistakes has no steps to show, so only its text is read */
  async read(hasMistakes: boolean): Promise<void> {
    const { name } = this
    const board = this.#board
    const read = await this.saving.run('show', async () => {
      const { file } = await this.#client.workflow.export({ board, name })
      return { file, shown: hasMistakes ? null : await this.#client.workflow.show({ board, name }) }
    })
    if (read === null) return
    // Keeps text that was typed and not saved, after a reload too.
    const draft = this.kept === null ? keptDraft(this.#draftKey) : this.isChanged ? this.text : null
    this.shown = read.shown
    this.kept = read.file
    this.text = typeof draft === 'string' ? draft : read.file
    this.checkText()
  }

  /** Keeps and checks the text. Call it whenever the text changes. */
  checkText(): void {
    keepDraft(this.#draftKey, this.isChanged ? this.text : null)
    this.#check.look(this.text)
  }

  discardChanges(): void {
    this.text = this.kept ?? ''
    this.checkText()
  }

  get checked(): Checked {
    return this.#check.value
  }

  get isChanged(): boolean {
    return this.kept !== null && this.text !== this.kept
  }

  async #checked(file: string): Promise<Checked> {
    if (file.trim() === '')
      return { mistakes: [{ line: 1, column: 1, message: 'the file is empty' }], valid: null }
    try {
      const { name, outline } = await this.#client.workflow.check({ board: this.#board, file })
      return { mistakes: [], valid: { name, outline } }
    } catch (error) {
      const { data, message } = asFailure(error)
      const problems = data?.['problems']
      const mistakes = Array.isArray(problems) ? (problems as Mistake[]) : [{ line: 1, column: 1, message }]
      return { mistakes, valid: null }
    }
  }

  /**
   * Saves the text as a file in the home. A file that it replaces is put aside, not deleted.
   *
   * @returns the name in the file; null when it was not saved
   */
  async save(): Promise<string | null> {
    const file = this.text
    const saved = await this.saving.run('save', () =>
      this.#client.workflow.add({ board: this.#board, file, replace: true }),
    )
    if (saved === null) return null
    toasts.show(`Saved as ${saved.path}`)
    // Text typed during the save is an unsaved change. Under a new name the text belongs to another workflow,
    // so this one shows its own file again, unless the user typed on.
    if (saved.name === this.name) this.kept = file
    else if (this.text === file) this.text = this.kept ?? ''
    this.checkText()
    return saved.name
  }

  /** Trusts the shown version of the file, and no other version. @returns whether it succeeded */
  async trust(): Promise<boolean> {
    const digest = this.shown?.digest
    if (digest == null) return false
    const done = await this.saving.run('trust', () =>
      this.#client.workflow.trust({ board: this.#board, name: this.name, digest }),
    )
    return done !== null
  }

  /** Puts a file in the home aside. @returns whether it succeeded */
  async remove(): Promise<boolean> {
    const removed = await this.saving.run('remove', () =>
      this.#client.workflow.remove({ board: this.#board, name: this.name }),
    )
    if (removed === null) return false
    toasts.show(`Put aside as ${removed.path}`)
    return true
  }
}
