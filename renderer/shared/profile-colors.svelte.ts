import { placeOf, placesOf, PROFILE_COLORS } from './profile-places.ts'

const KEY = 'runboard:profile-names'

/** The colours of the profiles that are known in this window: at its start those of the last time, so that none changes. */
class ProfileColors {
  #places = $state.raw<ReadonlyMap<string, number>>(new Map())
  #known = ''

  constructor() {
    const names = localStorage.getItem(KEY)
    if (names !== null) this.know(names.split('\n'))
  }

  /** Call with all profiles when they are read. */
  know(names: readonly string[]): void {
    const known = [...names].sort().join('\n')
    if (known === this.#known) return
    this.#known = known
    this.#places = placesOf(names)
    localStorage.setItem(KEY, known)
  }

  /** The colour of a profile; of one that is no longer there by its name alone. */
  of(name: string): string {
    const [lightness, chroma, hue] = PROFILE_COLORS[this.#places.get(name) ?? placeOf(name)] ?? [0.6, 0, 0]
    return `oklch(${lightness} ${chroma} ${hue})`
  }
}

export const profileColors = new ProfileColors()
