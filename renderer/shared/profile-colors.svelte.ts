import { placeOf, placesOf, PROFILE_COLORS } from './profile-places.ts'

const KEY = 'runboard:profile-names'

/** The colours of the known profiles. Remembers their names for the next start, so that no colour changes while it loads. */
class ProfileColors {
  #places = $state.raw<ReadonlyMap<string, number>>(new Map())
  #known = ''

  constructor() {
    const names = localStorage.getItem(KEY)
    if (names !== null) this.know(names.split('\n'))
  }

  /** Chooses the colours. Call it with all profiles when they have been read. */
  know(names: readonly string[]): void {
    const known = [...names].sort().join('\n')
    if (known === this.#known) return
    this.#known = known
    this.#places = placesOf(names)
    localStorage.setItem(KEY, known)
  }

  /** @returns the colour of a profile; for an unknown profile, the one that its name alone gives */
  of(name: string): string {
    const [lightness, chroma, hue] = PROFILE_COLORS[this.#places.get(name) ?? placeOf(name)] ?? [0.6, 0, 0]
    return `oklch(${lightness} ${chroma} ${hue})`
  }
}

export const profileColors = new ProfileColors()
