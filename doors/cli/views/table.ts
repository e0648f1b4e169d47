import { cut, oneLine, pad, padStart, widthOf } from './text.ts'

export interface Column<Row> {
  header: string
  /** Plain text; it is made to fit on one line. */
  text: (row: Row) => string
  /** Colours the text after it has been cut. */
  paint?: (text: string, row: Row) => string
  right?: true
  /** Gives way where the lines would be wider than the terminal. */
  flexible?: true
}

const GAP = '  '
const NARROWEST = 12

/** @returns the widths of the columns: what they need, or less for those that give way */
function fit(needed: readonly number[], flexible: readonly boolean[], width: number): number[] {
  const widths = [...needed]
  let over = needed.reduce((sum, value) => sum + value, 0) + GAP.length * (needed.length - 1) - width
  // The widest one gives way first, so that a short text keeps its room beside a long one.
  while (over > 0) {
    const candidates = widths.flatMap((value, index) =>
      flexible[index] === true && value > NARROWEST ? [index] : [],
    )
    const widest = candidates.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0]
    if (widest === undefined) break
    widths[widest] = (widths[widest] ?? 0) - 1
    over--
  }
  return widths
}

/**
 * @param width columns of the terminal, Infinity where nothing is cut
 * @param dim how the header is painted
 * @returns a line for the header and one for each row; columns that are empty in every row are left out
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
  dim: (text: string) => string,
): string {
  const cells = columns.map((column) => rows.map((row) => oneLine(column.text(row))))
  const shown = columns.map((_, index) => index).filter((index) => cells[index]?.some((text) => text !== ''))
  const needed = shown.map((index) =>
    Math.max(widthOf(columns[index]?.header ?? ''), ...(cells[index] ?? []).map(widthOf)),
  )
  const widths = fit(
    needed,
    shown.map((index) => columns[index]?.flexible === true),
    width,
  )
  const line = (cellOf: (index: number) => string, paintOf: (index: number, text: string) => string) =>
    shown
      .map((index, at) => {
        const limit = widths[at] ?? 0
        const text = cut(cellOf(index), limit)
        const padded = columns[index]?.right === true ? padStart(text, limit) : pad(text, limit)
        return padded.replace(text, () => paintOf(index, text))
      })
      .join(GAP)
      .trimEnd()
  const header = line(
    (index) => columns[index]?.header ?? '',
    (_index, text) => dim(text),
  )
  const body = rows.map((row, at) =>
    line(
      (index) => cells[index]?.[at] ?? '',
      (index, text) => columns[index]?.paint?.(text, row) ?? text,
    ),
  )
  return `${[header, ...body].join('\n')}\n`
}
