/**
 * The colours of profiles as OKLCH: lightness, chroma, hue. They differ in hue and in lightness, and none is the red of
 * failed or the amber of needs you.
 */
export const PROFILE_COLORS: readonly (readonly [lightness: number, chroma: number, hue: number])[] = [
  [0.47, 0.07, 60],
  [0.68, 0.14, 114],
  [0.54, 0.14, 148],
  [0.8, 0.12, 170],
  [0.68, 0.12, 215],
  [0.53, 0.17, 259],
  [0.76, 0.1, 283],
  [0.5, 0.21, 298],
  [0.63, 0.22, 330],
  [0.82, 0.09, 350],
]
const COUNT = PROFILE_COLORS.length

/** @returns the first choice of a name, by its FNV-1a hash, so that similar names get different colours */
export function placeOf(name: string): number {
  let hash = 2_166_136_261
  for (const letter of name) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619)
  return (hash >>> 8) % COUNT
}

/** The step to the next place if one is taken. It shares no divisor with the number of places, so it reaches them all. */
const STRIDE = 3

/**
 * Gives each name its own place: that of its hash, or the next free one. While there is room, places beside a taken one are
 * avoided. A new name changes only the colours of names that compete with it.
 *
 * @returns indexes of PROFILE_COLORS by name; from the eleventh name on, indexes repeat
 */
export function placesOf(names: readonly string[]): Map<string, number> {
  const places = new Map<string, number>()
  let taken = new Set<number>()
  for (const name of [...new Set(names)].sort()) {
    if (taken.size === COUNT) taken = new Set()
    const order = Array.from({ length: COUNT }, (_, step) => (placeOf(name) + step * STRIDE) % COUNT)
    const free = order.filter((place) => !taken.has(place))
    const place = free.find(
      (each) => !taken.has((each + 1) % COUNT) && !taken.has((each + COUNT - 1) % COUNT),
    )
    const found = place ?? free[0] ?? 0
    taken.add(found)
    places.set(name, found)
  }
  return places
}
