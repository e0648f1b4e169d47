import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sourceStack } from './source-stack.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runboard-stack-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** A map from the first character of the built file to line 3, column 3 of the source. */
function writeMap(name: string): string {
  const map = { version: 3, sources: ['../../doors/cli/run.ts'], names: [], mappings: 'AAEE' }
  writeFileSync(join(folder, `${name}.map`), JSON.stringify(map))
  return join(folder, name)
}

describe('sourceStack', () => {
  it('names the line of the source, with and without a function', () => {
    const file = writeMap('cli.cjs')
    expect(sourceStack(`Error: no\n    at run (${file}:1:1)\n    at async ${file}:1:1`)).toBe(
      'Error: no\n    at run (doors/cli/run.ts:3:3)\n    at async doors/cli/run.ts:3:3',
    )
  })

  it('leaves a place unchanged when there is no map, or the map has no entry for it', () => {
    writeFileSync(join(folder, 'broken.cjs.map'), '{')
    const places = [
      join(folder, 'none.cjs:1:1'),
      join(folder, 'broken.cjs:1:1'),
      'node:internal/process/task_queues:95:5',
    ]
    const stack = `Error: no\n${places.map((place) => `    at run (${place})`).join('\n')}`
    expect(sourceStack(stack)).toBe(stack)
  })
})
