import type { Board, Client, OperationInput } from '../../contract/index.ts'
import { asFailure } from '../shared/errors.ts'

type Settings = OperationInput<'board.set'>['settings']

/** The settings of a board as they are typed: texts, empty where the default holds. */
export class BoardSettingsForm {
  name = $state('')
  icon = $state('')
  projectDir = $state('')
  maxRunning = $state('')
  failureLimit = $state('')
  staleMinutes = $state('')
  workspace = $state('')
  acceptPlans = $state(false)
  saving = $state(false)
  error = $state<string | null>(null)

  readonly #client: Client
  readonly #slug: string
  #before = ''

  constructor(client: Client, board: Board) {
    this.#client = client
    this.#slug = board.slug
    this.fill(board)
  }

  fill({ name, icon, project_dir, settings }: Board): void {
    const text = (value: number | string | null) => (value === null ? '' : String(value))
    this.name = name
    this.icon = text(icon)
    this.projectDir = text(project_dir)
    this.maxRunning = text(settings.max_running)
    this.failureLimit = text(settings.failure_limit)
    this.staleMinutes = text(settings.stale_after_seconds === null ? null : settings.stale_after_seconds / 60)
    this.workspace = text(settings.default_workspace)
    this.acceptPlans = settings.accept_plans
    this.#before = JSON.stringify(this.#values())
  }

  get changed(): boolean {
    return JSON.stringify(this.#values()) !== this.#before
  }

  /** @returns the board as it is now, or null when it was refused: `error` then says why */
  async save(): Promise<Board | null> {
    this.saving = true
    this.error = null
    try {
      const { board } = await this.#client.board.set({ slug: this.#slug, settings: this.#values() })
      this.fill(board)
      return board
    } catch (cause) {
      this.error = asFailure(cause).message
      return null
    } finally {
      this.saving = false
    }
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
    }
  }
}
