import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'

/** A place in a built file, as V8 writes it at the end of a stack's line. */
const PLACE = /((?:\/|[A-Za-z]:[\\/])[^()]*\.cjs):(\d+):(\d+)/g

const maps = new Map<string, SourceMap | null>()

/** @returns the source map beside a built file; null where there is none to read */
function mapOf(file: string): SourceMap | null {
  const known = maps.get(file)
  if (known !== undefined) return known
  let map: SourceMap | null = null
  try {
    map = new SourceMap(
      JSON.parse(readFileSync(`${file}.map`, 'utf8')) as ConstructorParameters<typeof SourceMap>[0],
    )
  } catch {
    // The stack then names the place in the built file, which is better than no stack.
  }
  maps.set(file, map)
  return map
}

/**
 * Names the lines of the sources in a stack of the built program. Node does this itself with `--enable-source-maps`, but
 * reads all maps at every start; here they are read only when a stack is printed.
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
