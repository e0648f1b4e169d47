const KEY = 'runboard:drawer-width'
const USUAL = 760
export const NARROWEST = 440
/** How much of the board stays visible beside it. */
const BESIDE = 60
const STEP = 32

function read(): number {
  const stored = Number(localStorage.getItem(KEY))
  return Number.isFinite(stored) && stored >= NARROWEST ? stored : USUAL
}

/** The width that the user wants for the drawer, kept between starts. In a small window it is narrower. */
export class DrawerWidth {
  #wanted = $state(read())
  window = $state(window.innerWidth)
  dragging = $state(false)

  get widest(): number {
    return Math.max(NARROWEST, this.window - BESIDE)
  }

  get px(): number {
    return Math.min(this.#wanted, this.widest)
  }

  set(px: number): void {
    this.#wanted = Math.round(Math.min(Math.max(px, NARROWEST), this.widest))
    localStorage.setItem(KEY, String(this.#wanted))
  }

  reset(): void {
    this.set(USUAL)
  }

  /** Toggles between the usual width and the maximum. */
  toggleWide(): void {
    this.set(this.px < this.widest - 1 ? this.widest : USUAL)
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
