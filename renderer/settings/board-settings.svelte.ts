import type { Board, Client, OperationInput } from '../../contract/index.ts'
import { keepDraft, keptDraft } from '../shared/kept-drafts.ts'
import { Saving } from '../shared/saving.svelte.ts'
import { words } from '../shared/tones.ts'
import { chooseFields } from './chosen-fields.ts'

type Settings = OperationInput<'board.set'>['settings']

const TEXTS = [
  'name',
  'icon',
  'projectDir',
  'maxRunning',
  'failureLimit',
  'staleMinutes',
  'workspace',
] as const

const CHECKS = ['acceptPlans', 'squash', 'waitForMerge'] as const

/** The settings of a board as texts; empty means the default. Typed text survives a reload. */
export class BoardSettingsForm {
  name = $state('')
  icon = $state('')
  projectDir = $state('')
  maxRunning = $state('')
  failureLimit = $state('')
  staleMinutes = $state('')
  workspace = $state('')
  acceptPlans = $state(false)
  squash = $state(false)
  waitForMerge = $state(false)
  readonly saving = new Saving()

  readonly #client: Client
  readonly #slug: string
  readonly #key: string
  #before = ''
  /** The board when typing began, possibly before a reload. */
  #opened: Board

  constructor(client: Client, board: Board) {
    this.#client = client
    this.#slug = board.slug
    this.#key = `board-settings/${board.slug}`
    this.#opened = board
    this.fill(board)
  }

  /** @returns the form with its unsaved text restored */
  static withDraft(client: Client, board: Board): BoardSettingsForm {
    const form = new BoardSettingsForm(client, board)
    form.#restore(keptDraft(form.#key))
    return form
  }

  /** Call it in an effect: it stores what is typed. */
  keep(): void {
    const checks = Object.fromEntries(CHECKS.map((key) => [key, this[key]]))
    const texts = Object.fromEntries(TEXTS.map((key) => [key, this[key]]))
    keepDraft(this.#key, this.changed ? { ...texts, ...checks, opened: this.#opened } : null)
  }

  /** @param kept any value: it comes from the browser's storage */
  #restore(kept: unknown): void {
    if (typeof kept !== 'object' || kept === null || !('opened' in kept)) return
    const values = kept as Partial<Record<string, unknown>>
    const opened = values['opened']
    if (typeof opened !== 'object' || opened === null || !('settings' in opened)) return
    const untyped = new BoardSettingsForm(this.#client, opened as Board)
    for (const key of TEXTS) {
      const text = values[key]
      if (typeof text === 'string' && text !== untyped[key]) this[key] = text
    }
    for (const key of CHECKS) {
      const isChecked = values[key]
      if (typeof isChecked === 'boolean' && isChecked !== untyped[key]) this[key] = isChecked
    }
    this.#opened = opened as Board
  }

  fill(board: Board): void {
    const { name, icon, project_dir, settings } = board
    this.#opened = board
    const text = (value: number | string | null) => (value === null ? '' : String(value))
    this.name = name
    this.icon = text(icon)
    this.projectDir = text(project_dir)
    this.maxRunning = text(settings.max_running)
    this.failureLimit = text(settings.failure_limit)
    this.staleMinutes = text(settings.stale_after_seconds === null ? null : settings.stale_after_seconds / 60)
    this.workspace = text(settings.default_workspace)
    this.acceptPlans = settings.accept_plans
    this.squash = settings.merge_method === 'squash'
    this.waitForMerge = settings.wait_for_merge
    this.#before = JSON.stringify(this.#values())
  }

  get changed(): boolean {
    return JSON.stringify(this.#values()) !== this.#before
  }

  /** @returns the saved board, or null when it was refused (`saving.error` says why) or editing continues */
  async save(): Promise<Board | null> {
    return this.#send(async () => {
      const { board } = await this.#client.board.show({ board: this.#slug })
      const valuesOf = (each: Board) => new BoardSettingsForm(this.#client, each).#values()
      const fields = { mine: this.#values(), opened: valuesOf(this.#opened), current: valuesOf(board) }
      return chooseFields(fields, (key) => words(key))
    })
  }

  /** Reverts the settings to those of this board. */
  async putBack(board: Board): Promise<Board | null> {
    this.fill(board)
    return this.#send(() => Promise.resolve(this.#values()))
  }

  async #send(choose: () => Promise<Settings | null>): Promise<Board | null> {
    return this.saving.run('saving', async () => {
      const settings = await choose()
      if (settings === null) return null
      const isSame = Object.keys(settings).length === 0 // the other version was taken
      const { board } = isSame
        ? await this.#client.board.show({ board: this.#slug })
        : await this.#client.board.set({ slug: this.#slug, settings })
      this.fill(board)
      return board
    })
  }

  #values(): Settings {
    const number = (text: string) => (text.trim() === '' ? null : Number(text))
    const stale = number(this.staleMinutes)
    return {
      name: this.name,
      icon: this.icon,
      project_dir: this.projectDir,
      max_running: number(this.maxRunning),
      failure_limit: number(this.failureLimit),
      stale_after_seconds: stale === null ? null : Math.round(stale * 60),
      default_workspace: this.workspace,
      accept_plans: this.acceptPlans,
      merge_method: this.squash ? 'squash' : 'merge',
      wait_for_merge: this.waitForMerge,
    }
  }
}
