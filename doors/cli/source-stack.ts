import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'

/** A place in a built file, in the form that V8 writes at the end of a stack line. */
const PLACE = /((?:\/|[A-Za-z]:[\\/])[^()]*\.cjs):(\d+):(\d+)/g

const maps = new Map<string, SourceMap | null>()

/** @returns the source map beside a built file; null if there is none that can be read */
function mapOf(file: string): SourceMap | null {
  const known = maps.get(file)
  if (known !== undefined) return known
  let map: SourceMap | null = null
  try {
    map = new SourceMap(
      JSON.parse(readFileSync(`${file}.map`, 'utf8')) as ConstructorParameters<typeof SourceMap>[0],
    )
  } catch {
    // The stack then keeps the place in the built file, which is better than no stack.
  }
  maps.set(file, map)
  return map
}

/**
 * Replaces places in the built program with those in its sources. Node's `--enable-source-maps` does this too, but
 * reads all maps at every start; this reads them only when a stack is printed.
 *
 * @param stack as `error.stack`
 */
export function sourceStack(stack: string): string {
  return stack.replace(PLACE, (place, file: string, line: string, column: string) => {
    const entry = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1)
    if (entry === undefined || !('originalSource' in entry)) return place
    const source = entry.originalSource.replace(/^(?:\.\.?\/)+/, '')
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  })
}
