/** @returns whether two answers of the board are equal: plain JSON, with keys in the order received */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

/**
 * Keeps the identity of unchanged items, so that nothing that shows them is rendered again.
 *
 * @returns `next`, with equal items taken from `before`; `before` itself when all are equal
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
