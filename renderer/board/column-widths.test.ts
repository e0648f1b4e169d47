import { describe, expect, it } from 'vitest'
import { type ColumnForm, columnWidth } from './column-widths.ts'

const open = (count: number): ColumnForm[] => Array.from({ length: count }, () => 'open')

/** @returns the visible pixels of the column that the window's edge cuts; null if it cuts none */
function visibleOfCut(available: number, forms: readonly ColumnForm[]): number | null {
  const width = columnWidth(available, forms)
  let left = 8
  for (const form of forms) {
    const right = left + { open: width, narrow: 148, folded: 36 }[form]
    if (left < available && right > available) return available - left
    left = right + 6
  }
  return null
}

describe('the width of columns', () => {
  it('is at least 240 in every window', () => {
    for (let available = 320; available < 2600; available += 7) {
      for (let count = 1; count <= 8; count++)
        expect(columnWidth(available, open(count))).toBeGreaterThanOrEqual(240)
    }
  })

  it('lets the window’s edge cut a column where not all fit, so that the user sees that there are more', () => {
    for (let available = 520; available < 1700; available += 3) {
      const visible = visibleOfCut(available, open(7))
      expect(visible, `at ${available}`).toBeGreaterThanOrEqual(44)
    }
  })

  it('counts strips and columns with titles only', () => {
    const forms: ColumnForm[] = ['narrow', 'open', 'open', 'folded', 'open', 'open', 'narrow']
    for (const available of [900, 1024, 1100, 1180]) {
      expect(visibleOfCut(available, forms), `at ${available}`).toBeGreaterThanOrEqual(44)
    }
  })

  it('is the smallest where all columns fit: the layout then lets them grow', () => {
    expect(columnWidth(1920, open(7))).toBe(240)
  })
})
