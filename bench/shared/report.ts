import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

const FILE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))

const HEAD = `# Performance

Measured by \`npm run bench\`, which writes the tables below. Absolute figures say something of the machine; the ratios,
each made in one run, say something of Runboard. What they are held to is named beside each table.
`

/** A text table; the first row is its header. All columns except the first are aligned right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
  const [head = [], ...body] = rows
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...body.map(line)].join('\n')
}

/** Prints a section of docs/performance.md and replaces it there. */
export function publish(name: string, text: string): void {
  console.log(`\n${text}\n`)
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`]
  const before = existsSync(FILE) ? readFileSync(FILE, 'utf8') : HEAD
  const section = `${begin}\n\n${text}\n\n${machine()}\n\n${end}`
  const found = before.indexOf(begin)
  const after =
    found < 0
      ? `${before.trimEnd()}\n\n${section}\n`
      : before.slice(0, found) + section + before.slice(before.indexOf(end) + end.length)
  writeFileSync(FILE, after)
}

function machine(): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 1024 ** 3)
  const day = new Date().toISOString().slice(0, 10)
  return `${day}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${memory} GB, Node ${process.versions.node}, SQLite with \`synchronous=FULL\`.`
}

export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** @param rank 0 to 100 */
export function percentile(values: readonly number[], rank: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((rank / 100) * sorted.length))] ?? Number.NaN
}

/** Milliseconds with a useful number of digits: `0.043`, `1.2`, `35`. */
export function ms(value: number): string {
  return value < 0.1 ? value.toFixed(3) : value < 10 ? value.toFixed(2) : value.toFixed(0)
}

/** Times per second, from milliseconds each. */
export function rate(value: number): string {
  return Math.round(1000 / value).toLocaleString('en-US')
}
