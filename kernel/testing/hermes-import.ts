import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { setup, temporaryFolder } from './setup.ts'
import { makeHermes, type Rows } from '../exchange/hermes/test-hermes.ts'

/** Seconds since the epoch, as Hermes counts. */
export const T = 1_779_000_000

export const task = (id: string, status: string, more: Record<string, string | number | null> = {}) => ({
  id,
  title: `Task ${id}`,
  status,
  created_by: 'dashboard',
  created_at: T,
  ...more,
})

/** The content of a folder, with every byte and modification time. */
export function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => {
      const path = join(folder, name)
      const hash = createHash('sha256').update(readFileSync(path)).digest('hex')
      return [name, `${hash} ${statSync(path).mtimeMs}`]
    }),
  )
}

export function atRest(schema: Parameters<typeof makeHermes>[1], rows: Rows, more?: string): string {
  const path = join(temporaryFolder(), 'kanban.db')
  makeHermes(path, schema, rows, more).close()
  return path
}

/** Imports into a board `h`, and checks that the file is unchanged. */
export async function imported(path: string) {
  const bundle = await setup()
  const before = snapshot(dirname(path))
  const answer = await bundle.kernel.call('exchange.import_hermes', { path, slug: 'h' }, bundle.person)
  expect(snapshot(dirname(path))).toEqual(before)
  const board = bundle.on('h')
  return { bundle, board, answer }
}
