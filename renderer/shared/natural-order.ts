let collator: Intl.Collator | null = null

/** Compares texts as people order them: `a2` before `a10`, in any case. */
export function compareNaturally(a: string, b: string): number {
  // Made at the first use: the first formatter of a page delays its first paint.
  collator ??= new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
  return collator.compare(a, b)
}
