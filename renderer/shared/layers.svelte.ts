import { actions } from './actions.svelte.ts'

/**
 * What lies over the window: dialogs and menus. One that opens later lies above all that are open, whatever it is and
 * wherever its element stands in the page. Focus and Esc follow the same order (bits-ui keeps it).
 */
class Layers {
  readonly #open = new Set<number>()

  /**
   * Puts a layer on top, and leaves all keys to it: it takes the focus with the next frame, and what is typed until then is
   * meant for it, not for the card behind it.
   *
   * @returns its height (added to `--layer-overlay`), and a function that takes it away
   */
  push(): { height: number; close: () => void } {
    const height = Math.max(0, ...this.#open) + 1
    this.#open.add(height)
    const release = actions.hold()
    const close = () => {
      if (this.#open.delete(height)) release()
    }
    return { height, close }
  }
}

export const layers = new Layers()

/** The height of a dialog or menu while it is open. Made by the component that shows it. */
export class Layer {
  #height = $state(0)

  /** @param isOpen read by an effect of the component */
  constructor(isOpen: () => boolean) {
    $effect.pre(() => {
      if (!isOpen()) return
      const { height, close } = layers.push()
      this.#height = height
      return close
    })
  }

  /** For the `style` of its elements. It stays as it was while the layer fades out. */
  get style(): string {
    return `z-index: calc(var(--layer-overlay) + ${this.#height})`
  }
}
