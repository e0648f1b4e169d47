import { describe, expect, it } from 'vitest'
import { ALLOWED, complaints, findCircles, type Graph, importsOf, readGraph } from './circles.ts'

const graphOf = (imports: Record<string, string[]>): Graph => new Map(Object.entries(imports))

describe('findCircles', () => {
  it('finds none in a tree whose branches meet again', () => {
    expect(findCircles(graphOf({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }))).toEqual([])
  })

  it('reports a circle once, starting with its first file by name', () => {
    expect(findCircles(graphOf({ c: ['a'], b: ['c'], a: ['b'], outside: ['b'] }))).toEqual([
      ['a', 'b', 'c', 'a'],
    ])
  })

  it('finds both circles of a file that is on two', () => {
    expect(findCircles(graphOf({ a: ['b', 'c'], b: ['a'], c: ['a'] }))).toEqual([
      ['a', 'b', 'a'],
      ['a', 'c', 'a'],
    ])
  })
})

describe('importsOf', () => {
  it('reads imports of values and types, re-exports and import()', () => {
    const text = `
      import { a } from './a.ts'
      import type { B } from './b.ts'
      export { c } from './c.ts'
      export * from './d.ts'
      import './e.ts'
      const f = await import('./f.ts')
      type G = import('./g.ts').G
      import { join } from 'node:path'
      // import { no } from './no.ts'
      const text = "import { no } from './no.ts'"
    `
    expect(importsOf(text, false).toSorted()).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `./${name}.ts`),
    )
  })

  it('reads the scripts of a component, but not its markup', () => {
    const text = `<script module lang="ts">import './a.ts'</script>
      <script lang="ts">import B from './B.svelte'</script>
      <p>import './no.ts'</p>`
    expect(importsOf(text, true)).toEqual(['./a.ts', './B.svelte'])
  })
})

describe('complaints', () => {
  const circle = graphOf({ a: ['b'], b: ['a'] })

  it('describes a circle', () => {
    expect(complaints(circle, [])).toEqual(['Import circle: a → b → a'])
  })

  it('ignores an allowed import that closes a circle', () => {
    expect(complaints(circle, [{ from: 'b', to: 'a', reason: 'for now' }])).toEqual([])
  })

  it('asks to remove an allowed import that closes no circle', () => {
    const sentence = expect.stringMatching(/^No circle needs b → a any more/) as string
    expect(complaints(graphOf({ a: [], b: ['a'] }), [{ from: 'b', to: 'a', reason: 'for now' }])).toEqual([
      sentence,
    ])
    expect(complaints(graphOf({ a: ['b'], b: [] }), [{ from: 'b', to: 'a', reason: 'for now' }])).toEqual([
      sentence,
    ])
  })
})

describe('the sources', () => {
  const graph = readGraph('.')

  it('include components, but not tests', () => {
    expect(graph.get('kernel/index.ts')).toContain('kernel/kernel.ts')
    expect(graph.get('renderer/app/main.ts')).toContain('renderer/app/App.svelte')
    expect([...graph.keys()].filter((file) => file.includes('.test.'))).toEqual([])
  })

  it('have no import circle except the listed ones', () => {
    expect(complaints(graph, ALLOWED)).toEqual([])
  })
})
