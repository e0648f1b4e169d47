/** @returns the name that a mistyped one most likely means: at most two letters away */
export function nearest(name: string, names: readonly string[]): string | null {
  const near = names.map((other) => ({ other, far: distance(name, other) })).sort((a, b) => a.far - b.far)[0]
  return near !== undefined && near.far <= 2 && near.far < name.length ? near.other : null
}

/** How many letters must be added, left out or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
