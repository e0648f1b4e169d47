import { announce } from './announce.svelte.ts'
import { asFailure } from './errors.ts'
import type { Tone } from './tones.ts'

export interface ToastAction {
  label: string
  run: () => unknown
}

export interface Toast {
  id: number
  text: string
  /** Shown below the text, one per line: each refusal on its own. */
  details: readonly string[]
  tone: Tone
  action: ToastAction | null
}

const LASTS = 6000
const LASTS_WITH_ACTION = 10_000

/** Short messages at the edge of the window. Except for Undo, they contain nothing that cannot be found elsewhere. */
class Toasts {
  list = $state.raw<readonly Toast[]>([])
  #nextId = 1
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()

  show(
    text: string,
    options: { tone?: Tone; action?: ToastAction; details?: readonly string[] } = {},
  ): number {
    const toast: Toast = {
      id: this.#nextId++,
      text,
      details: options.details ?? [],
      tone: options.tone ?? 'idle',
      action: options.action ?? null,
    }
    this.list = [...this.list.slice(-3), toast]
    announce([text, ...toast.details].join('. '))
    this.resume(toast.id)
    return toast.id
  }

  /** The newest message whose action can still be undone. */
  get undoable(): Toast | undefined {
    return [...this.list].reverse().find((toast) => toast.action?.label === 'Undo')
  }

  /** Shows why a call was refused; stays until it is closed. */
  fail(cause: unknown, what?: string): void {
    const failure = asFailure(cause)
    if (failure.code === 'CANCELLED') return
    this.show(what === undefined ? failure.message : `${what}: ${failure.message}`, { tone: 'bad' })
  }

  /** Dismisses all messages that offer an action. */
  dropActions(): void {
    for (const { id, action } of this.list) if (action !== null) this.dismiss(id)
  }

  dismiss(id: number): void {
    this.hold(id)
    this.list = this.list.filter((toast) => toast.id !== id)
  }

  /** While the user reads it or moves to it. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }

  resume(id: number): void {
    const toast = this.list.find((candidate) => candidate.id === id)
    if (toast === undefined || (toast.tone === 'bad' && toast.details.length > 0)) return
    const lasts = toast.action === null && toast.tone !== 'bad' ? LASTS : LASTS_WITH_ACTION
    this.hold(id)
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), lasts),
    )
  }

  async act(toast: Toast): Promise<void> {
    this.dismiss(toast.id)
    try {
      await toast.action?.run()
    } catch (error) {
      this.fail(error)
    }
  }
}

export const toasts = new Toasts()
