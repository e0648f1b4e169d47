import { cut, oneLine, pad, padStart, widthOf } from './text.ts'

export interface Column<Row> {
  header: string
  /** Plain text; it is put on one line. */
  text: (row: Row) => string
  /** Colours the text after it has been cut. */
  paint?: (text: string, row: Row) => string
  right?: true
  /** The column may shrink to this many columns when lines are wider than the terminal. */
  least?: number
  /** The column may be left out when there is no room: the highest number first. */
  drop?: number
}

const GAP = 2

interface Fitted<Row> {
  column: Column<Row>
  cells: readonly string[]
  width: number
}

const leastOf = <Row>({ column, width }: Fitted<Row>) => Math.min(width, column.least ?? width)

const total = (widths: readonly number[]) =>
  widths.reduce((sum, value) => sum + value, 0) + GAP * (widths.length - 1)

/** Leaves out columns until the rest fits. */
function spare<Row>(all: readonly Fitted<Row>[], width: number): Fitted<Row>[] {
  const kept = [...all]
  while (total(kept.map(leastOf)) > width) {
    const next = kept.reduce(
      (a, b) => ((b.column.drop ?? 0) > (a.column.drop ?? 0) ? b : a),
      kept[0] as Fitted<Row>,
    )
    if (next.column.drop === undefined) break
    kept.splice(kept.indexOf(next), 1)
  }
  return kept
}

/** The widest column shrinks first, so that short text beside it keeps its room. */
function shrink<Row>(columns: readonly Fitted<Row>[], width: number): Fitted<Row>[] {
  const widths = columns.map((column) => column.width)
  for (let over = total(widths) - width; over > 0; over--) {
    const spareable = columns.map((column, at) =>
      (widths[at] ?? 0) > leastOf(column) ? (widths[at] ?? 0) : 0,
    )
    const widest = Math.max(...spareable)
    if (widest === 0) break
    widths[spareable.indexOf(widest)] = widest - 1
  }
  return columns.map((column, at) => ({ ...column, width: widths[at] ?? 0 }))
}

/**
 * @param width columns of the terminal, Infinity to cut nothing
 * @param dim how the header is painted
 * @returns a header line and one line per row; columns that are empty in every row are left out
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
  dim: (text: string) => string,
): string {
  const measured = columns.map((column): Fitted<Row> => {
    const cells = rows.map((row) => oneLine(column.text(row)))
    return { column, cells, width: Math.max(widthOf(column.header), ...cells.map(widthOf)) }
  })
  const filled = measured.filter(({ cells }) => cells.some((text) => text !== ''))
  const fitted = shrink(spare(filled, width), width)
  const line = (cell: (fit: Fitted<Row>) => string, paint: (fit: Fitted<Row>, text: string) => string) =>
    fitted
      .map((fit) => {
        const text = cut(cell(fit), fit.width)
        const padded = fit.column.right === true ? padStart(text, fit.width) : pad(text, fit.width)
        return text === '' ? padded : padded.replace(text, () => paint(fit, text))
      })
      .join(' '.repeat(GAP))
      .trimEnd()
  const header = line(
    ({ column }) => column.header,
    (_fit, text) => dim(text),
  )
  const body = rows.map((row, at) =>
    line(
      ({ cells }) => cells[at] ?? '',
      ({ column }, text) => column.paint?.(text, row) ?? text,
    ),
  )
  return `${[header, ...body].join('\n')}\n`
}
