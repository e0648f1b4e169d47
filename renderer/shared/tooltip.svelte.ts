import { tick } from 'svelte'
import { exactTime } from './time.ts'

const DELAY = 350
/** Within this time after one tooltip, the next appears without a delay. */
const WARM = 400
const GAP = 6
const EDGE = 8

interface Shown {
  text: string
  keys: string | undefined
}

/**
 * Shows `data-tip` (and `data-tip-keys`) of the element under the pointer or with the keyboard focus, followed by the time
 * of `data-tip-at`, in milliseconds. An element with `data-tip-cut` shows its own text if that is cut off.
 */
export class TooltipController {
  shown = $state.raw<Shown | null>(null)
  left = $state(0)
  top = $state(0)
  element = $state<HTMLElement>()

  #target: Element | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #hiddenAt = Number.NEGATIVE_INFINITY

  /** @returns a function that removes its listeners */
  start(): () => void {
    const options = { passive: true, capture: true }
    const over = (event: PointerEvent) => {
      if (event.pointerType !== 'touch') this.#consider(event.target)
    }
    const focus = (event: FocusEvent) => {
      if (event.target instanceof Element && event.target.matches(':focus-visible'))
        this.#consider(event.target)
    }
    // An element that is removed while it has the focus loses it inside an effect, where no state may change.
    const leave = () => {
      const left = this.#target
      queueMicrotask(() => {
        if (this.#target === left) this.#hide()
      })
    }
    const hide = () => this.#hide()
    document.addEventListener('pointerover', over, options)
    document.addEventListener('focusin', focus, options)
    document.addEventListener('focusout', leave, options)
    for (const name of ['pointerdown', 'keydown', 'scroll'] as const) {
      document.addEventListener(name, hide, options)
    }
    return () => {
      this.#hide()
      document.removeEventListener('pointerover', over, options)
      document.removeEventListener('focusin', focus, options)
      document.removeEventListener('focusout', leave, options)
      for (const name of ['pointerdown', 'keydown', 'scroll'] as const) {
        document.removeEventListener(name, hide, options)
      }
    }
  }

  #consider(from: EventTarget | null): void {
    const target = from instanceof Element ? from.closest('[data-tip], [data-tip-at], [data-tip-cut]') : null
    if (target === this.#target) return
    this.#hide()
    if (target === null) return
    this.#target = target
    const warm = performance.now() - this.#hiddenAt < WARM
    this.#timer = setTimeout(() => void this.#show(target), warm ? 0 : DELAY)
  }

  async #show(target: Element): Promise<void> {
    const text = tipOf(target) ?? cutText(target)
    if (text === null || text === '' || !target.isConnected) return
    this.shown = { text, keys: target.getAttribute('data-tip-keys') ?? undefined }
    await tick()
    if (this.element === undefined) return
    const at = target.getBoundingClientRect()
    const own = this.element.getBoundingClientRect()
    const below = at.bottom + GAP
    const fits = below + own.height + EDGE < window.innerHeight
    this.top = fits ? below : at.top - GAP - own.height
    const centred = at.left + at.width / 2 - own.width / 2
    this.left = Math.min(Math.max(EDGE, centred), window.innerWidth - own.width - EDGE)
  }

  #hide(): void {
    clearTimeout(this.#timer)
    if (this.shown !== null) this.#hiddenAt = performance.now()
    this.shown = null
    this.#target = null
  }
}

function tipOf(element: Element): string | null {
  const tip = element.getAttribute('data-tip')
  const at = element.getAttribute('data-tip-at')
  // Many elements have a time, and few are pointed at: only these are worth a formatted time.
  return at === null ? tip : [...(tip === null ? [] : [tip]), exactTime(Number(at))].join(' ')
}

/** @returns the text of an element if the text does not fit; otherwise null */
function cutText(element: Element): string | null {
  const isCut = element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight + 1
  return isCut ? element.textContent.replace(/\s+/g, ' ').trim() : null
}
