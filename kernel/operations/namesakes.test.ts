import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { OperationSpec } from '../../contract/index.ts'

const contractFolder = join(import.meta.dirname, '../../contract/operations')
/** Files of the contract without an operation of their own. */
const WITHOUT = ['asked.ts', 'index.ts', 'one.ts', 'places.ts', 'shared.ts', 'task-fields.ts']
const files = readdirSync(contractFolder).filter((file) => !WITHOUT.includes(file))

/** The keys of the exported objects whose names have this suffix. */
async function keysOf(path: string, ending: RegExp): Promise<string[]> {
  const exported = Object.entries((await import(path)) as Record<string, object>)
  return exported.filter(([name]) => ending.test(name)).flatMap(([, object]) => Object.keys(object))
}

it.for(files)(
  'kernel/operations/%s handles the operations of the contract file with its name',
  async (file) => {
    const declared = Object.entries(
      Object.assign({}, ...Object.values((await import(join(contractFolder, file))) as object)) as Record<
        string,
        unknown
      >,
    ).flatMap(([name, spec]) =>
      name.includes('.') && (spec as OperationSpec).kind !== 'stream' ? [name] : [],
    )
    const handled = await keysOf(join(import.meta.dirname, file), /Handlers/)
    expect(declared.length).toBeGreaterThan(0)
    expect(handled.sort()).toEqual(declared.sort())
  },
)
