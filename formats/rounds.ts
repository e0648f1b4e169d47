/** @returns how often a walk went back on average, to one decimal */
export function roundsEach({ rounds, walks }: { rounds: number; walks: number }): number {
  return walks === 0 ? 0 : Math.round((10 * rounds) / walks) / 10
}
