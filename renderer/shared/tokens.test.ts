import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** Defined by bits-ui on its elements. */
const OF_LIBRARIES = ['--bits-dropdown-menu-content-available-height']

it('uses only custom properties that exist: an unknown one would leave the inherited colour or size', () => {
  const renderer = join(import.meta.dirname, '..')
  const sources = globSync('**/*.{svelte,css,ts}', { cwd: renderer }).map((file) =>
    readFileSync(join(renderer, file), 'utf8'),
  )
  const defined = new Set([
    ...OF_LIBRARIES,
    ...sources.flatMap(
      (text) => text.match(/--[\w-]+(?=:\s)|(?<=style:)--[\w-]+|(?<=['"])--[\w-]+(?=['"])/g) ?? [],
    ),
  ])
  const used = sources.flatMap((text) => text.match(/(?<=var\()--[\w-]+/g) ?? [])
  expect([...new Set(used)].filter((name) => !defined.has(name))).toEqual([])
})
