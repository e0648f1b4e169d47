import type { Card, WalkProgress } from '../../contract/index.ts'

/** @returns the step of a card, its round and its items: “test · round 2 of 4”, “build each · 7 of 12 done” */
export function progressWords(
  { current_step_key }: Pick<Card, 'current_step_key'>,
  { items, items_done, round, rounds }: WalkProgress,
): string {
  return [
    current_step_key?.replaceAll('_', ' ') ?? '',
    round === null || rounds === null ? '' : `round ${round} of ${rounds}`,
    items === null ? '' : `${items_done ?? 0} of ${items} done`,
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

/** Walks with more steps show numbers in place of dots. */
const MOST_DOTS = 9

/** @returns a sign for each step (passed, current, to come); null for a walk with too many steps */
export function progressDots({
  at,
  of,
}: Pick<WalkProgress, 'at' | 'of'>): ('passed' | 'here' | 'ahead')[] | null {
  if (of > MOST_DOTS) return null
  return Array.from({ length: of }, (_, index) =>
    index + 1 < at ? 'passed' : index + 1 === at ? 'here' : 'ahead',
  )
}
