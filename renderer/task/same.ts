/** @returns whether two answers of the board say the same: plain JSON, keys in the order in which they came */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

/**
 * What did not change keeps its identity, so that nothing that shows it is drawn again.
 *
 * @returns `next`, with the items of `before` that are the same; `before` itself when all are
 */
export function keepSame<T extends { id: number }>(before: readonly T[], next: readonly T[]): readonly T[] {
  const known = new Map(before.map((item) => [item.id, item]))
  let changed = before.length !== next.length
  const kept = next.map((item, index) => {
    const old = known.get(item.id)
    const stays = old !== undefined && isSame(old, item)
    if (!stays || before[index] !== old) changed = true
    return stays ? old : item
  })
  return changed ? kept : before
}
