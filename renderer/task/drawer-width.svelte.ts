import { taskLayout } from './task-layout.ts'

const KEY = 'runboard:drawer-width'
const USUAL = 760
/** The narrowest window, in pixels, in which the board makes room for the drawer. */
const PUSHES_FROM = 1700
export const NARROWEST = 440
/** How much of the board stays visible beside it. */
const BESIDE = 60
const STEP = 32

function read(): number | null {
  const stored = Number(localStorage.getItem(KEY))
  return Number.isFinite(stored) && stored >= NARROWEST ? stored : null
}

/**
 * The width of the drawer. A width that the user chose is kept between starts. Until then it is at most half the window,
 * but never narrower than NARROWEST.
 */
export class DrawerWidth {
  #wanted = $state(read())
  window = $state(window.innerWidth)
  dragging = $state(false)

  get widest(): number {
    return Math.max(NARROWEST, this.window - BESIDE)
  }

  get #usual(): number {
    return Math.max(NARROWEST, Math.min(USUAL, Math.round(this.window / 2)))
  }

  get px(): number {
    return taskLayout.choice === 'page' ? this.window : Math.min(this.#wanted ?? this.#usual, this.widest)
  }

  /** Whether the board is beside the drawer, instead of partly under it. */
  get pushes(): boolean {
    return this.window >= PUSHES_FROM && !this.isWide
  }

  set(px: number): void {
    this.#wanted = Math.round(Math.min(Math.max(px, NARROWEST), this.widest))
    localStorage.setItem(KEY, String(this.#wanted))
  }

  reset(): void {
    this.#wanted = null
    localStorage.removeItem(KEY)
  }

  /** Toggles between the usual width and the maximum. */
  toggleWide(): void {
    if (taskLayout.choice === 'page') taskLayout.choose('drawer')
    else if (this.isWide) this.reset()
    else this.set(this.widest)
  }

  get isWide(): boolean {
    return this.px >= this.widest - 1
  }

  grab(event: PointerEvent): void {
    const handle = event.currentTarget
    if (!(handle instanceof HTMLElement) || event.button !== 0) return
    handle.setPointerCapture(event.pointerId)
    this.dragging = true
    event.preventDefault()
  }

  drag(event: PointerEvent): void {
    if (this.dragging) this.set(this.window - event.clientX)
  }

  drop(): void {
    this.dragging = false
  }

  key(event: KeyboardEvent): void {
    const to: Record<string, number> = {
      ArrowLeft: this.px + STEP,
      ArrowRight: this.px - STEP,
      Home: this.widest,
      End: NARROWEST,
    }
    const width = to[event.key]
    if (width === undefined) return
    event.preventDefault()
    event.stopPropagation()
    this.set(width)
  }
}
