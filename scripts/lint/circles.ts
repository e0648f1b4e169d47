// Finds import circles between the project's files, including types and `import()`. The files of a circle cannot be
// read, tested or moved without each other, and at run time the order of evaluation decides what is undefined.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import ts from 'typescript'

/** The files that each file imports, by path from the project's root. */
export type Graph = ReadonlyMap<string, readonly string[]>

const SOURCES = '{bench,contract,doors,e2e,electron,formats,kernel,renderer,scripts}/**/*.{ts,js,mjs,svelte}'
const IN_TESTS = /\.(?:test|soak|spec)\.ts$|(?:^|\/)(?:test-[^/]*\.ts$|testing\/)/

/** @returns the relative paths that a source imports, as written */
export function importsOf(text: string, isSvelte: boolean): string[] {
  const scripts = isSvelte
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, code]) => code ?? '')
    : [text]
  return scripts
    .flatMap((code) => ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName))
    .filter((name) => name.startsWith('.'))
}

/** @returns the imports of all sources below `root`, without tests and test helpers */
export function readGraph(root: string): Graph {
  const files = globSync(SOURCES, { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !IN_TESTS.test(file))
  const known = new Set(files)
  return new Map(
    files.toSorted().map((file) => {
      const written = importsOf(readFileSync(join(root, file), 'utf8'), file.endsWith('.svelte'))
      return [
        file,
        written
          .map((name) => join(dirname(file), name))
          // A component may import itself: that is how Svelte renders a tree.
          .filter((target) => known.has(target) && target !== file),
      ]
    }),
  )
}

/** @returns the shortest path from a file back to itself, both ends included; null if there is none */
function circleFrom(start: string, graph: Graph): string[] | null {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) {
        const back = [file]
        while (back[0] !== start) back.unshift(cameFrom.get(back[0] ?? '') ?? start)
        return [...back, start]
      }
      if (cameFrom.has(next)) continue
      cameFrom.set(next, file)
      queue.push(next)
    }
  }
  return null
}

/**
 * @returns a shortest circle through each file that is on one, each circle once, starting with its first file by name
 */
export function findCircles(graph: Graph): string[][] {
  const found = new Map<string, string[]>()
  for (const file of graph.keys()) {
    const circle = circleFrom(file, graph)
    if (circle === null) continue
    const files = circle.slice(1)
    const first = files.indexOf(files.toSorted()[0] ?? '')
    const turned = [...files.slice(first), ...files.slice(0, first)]
    found.set(turned.join(), [...turned, turned[0] ?? ''])
  }
  return [...found.values()]
}

/** An import that closes a circle and stays for now. */
export interface Allowed {
  from: string
  to: string
  reason: string
}

/**
 * @param allowed imports that do not count; an entry that is on no circle must be removed from the list
 * @returns one sentence per circle, and per unneeded entry of the list
 */
export function complaints(graph: Graph, allowed: readonly Allowed[]): string[] {
  const counted = new Map(
    [...graph].map(([from, to]) => [
      from,
      to.filter((target) => !allowed.some((entry) => entry.from === from && entry.to === target)),
    ]),
  )
  const circles = findCircles(counted).map((circle) => `Import circle: ${circle.join(' → ')}`)
  const closes = ({ from, to }: Allowed) => {
    if (graph.get(from)?.includes(to) !== true) return false
    return circleFrom(from, new Map([...counted, [from, [to]]])) !== null
  }
  const needless = allowed
    .filter((entry) => !closes(entry))
    .map(
      ({ from, to }) =>
        `No circle needs ${from} → ${to} any more: remove it from ALLOWED in scripts/lint/circles.ts.`,
    )
  return [...circles, ...needless]
}

/** This list may only get shorter. */
export const ALLOWED: readonly Allowed[] = []

if (import.meta.main) {
  const found = complaints(readGraph('.'), ALLOWED)
  if (found.length > 0) console.error(found.join('\n'))
  process.exitCode = found.length === 0 ? 0 : 1
}
