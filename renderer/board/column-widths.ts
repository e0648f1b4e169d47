/** A column as wide as its cards need, one without cards or with titles only, or a strip. */
export type ColumnForm = 'open' | 'narrow' | 'folded'

/** Pixels. `ColumnView.svelte` and `BoardView.svelte` draw by the same numbers. */
const WIDTHS = { open: 240, narrow: 148, folded: 36 } as const
const WIDEST = 300
const GAP = 6
const PADDING = 8
/** How much of the next column is at least visible, and at least hidden: so that people see that there are more. */
const PEEK = 44

/**
 * The width of the open columns of a board that is wider than the window: one with which the window's edge cuts a column
 * in two. A column that ends at the edge would hide that there are more.
 *
 * @param available the width of the window in pixels
 * @returns pixels; at least 240. Columns that all fit grow from there
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
