/** `open`: shows whole cards. `narrow`: has no cards, or shows only titles. `folded`: a strip. */
export type ColumnForm = 'open' | 'narrow' | 'folded'

/** In pixels. The styles of `ColumnView.svelte` and `ScrolledRow.svelte` use the same numbers. */
const WIDTHS = { open: 240, narrow: 148, folded: 36 } as const
const WIDEST = 300
const GAP = 6
const PADDING = 8
/** Least visible and least hidden part of a cut column, in pixels, so that the user sees that there is more. */
const PEEK = 44

/**
 * Chooses the width of open columns. If the board is wider than the window, the window's edge must cut a column in two:
 * a column that ends at the edge would hide that there are more.
 *
 * @param available the width of the window in pixels
 * @returns pixels; at least 240. Where all columns fit, the layout lets them grow from there
 */
export function columnWidth(available: number, forms: readonly ColumnForm[]): number {
  if (extent(forms, WIDTHS.open) <= available) return WIDTHS.open
  for (let width = WIDTHS.open; width <= WIDEST; width += 4) {
    if (isCut(available, forms, width)) return width
  }
  return WIDTHS.open
}

function extent(forms: readonly ColumnForm[], open: number): number {
  return forms.reduce((sum, form) => sum + widthOf(form, open) + GAP, 2 * PADDING - GAP)
}

function widthOf(form: ColumnForm, open: number): number {
  return form === 'open' ? open : WIDTHS[form]
}

function isCut(available: number, forms: readonly ColumnForm[], open: number): boolean {
  let left = PADDING
  for (const form of forms) {
    const right = left + widthOf(form, open)
    if (form !== 'folded' && available - left >= PEEK && right - available >= PEEK) return true
    left = right + GAP
  }
  return false
}
