export const DENSITIES = ['comfortable', 'compact'] as const
export type Density = (typeof DENSITIES)[number]

const KEY = 'runboard:density'

/** How cards look in this app or browser, for all boards. */
class BoardLook {
  density = $state<Density>(read())

  choose(density: Density): void {
    this.density = density
    localStorage.setItem(KEY, density)
  }
}

function read(): Density {
  const stored = localStorage.getItem(KEY)
  return DENSITIES.find((density) => density === stored) ?? 'comfortable'
}

export const look = new BoardLook()
