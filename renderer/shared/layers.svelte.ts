import { actions } from './actions.svelte.ts'

/**
 * Dialogs and menus on top of the window. One that opens later is above all others, wherever its element is in the
 * page. Focus and Esc follow the same order (bits-ui handles that).
 */
class Layers {
  readonly #open = new Set<number>()

  /**
   * Adds a layer on top, and leaves all keys to it: it takes the focus with the next frame, and keys pressed before
   * that belong to it, not to the card behind it.
   *
   * @returns its height (added to `--layer-overlay`), and a function that removes it
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

/** The height of a dialog or menu while it is open. Created by its component. */
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

  /** For the `style` of its elements. It stays unchanged while the layer fades out. */
  get style(): string {
    return `z-index: calc(var(--layer-overlay) + ${this.#height})`
  }
}
