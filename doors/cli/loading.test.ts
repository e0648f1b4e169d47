import { expect, it, vi } from 'vitest'
import type * as Zod from 'zod'

const made = vi.hoisted((): string[] => [])

/** zod, which notes the functions that make schemas. */
vi.mock('zod', async (importOriginal) => {
  const { z } = await importOriginal<typeof Zod>()
  const noting = new Proxy(z, {
    get(target, name: keyof typeof z) {
      const value: unknown = target[name]
      if (typeof value !== 'function' || name === 'config') return value
      return (...given: unknown[]) => {
        made.push(name)
        return (value as (...given: unknown[]) => unknown)(...given)
      }
    },
  })
  return { z: noting }
})

it('makes no schema until an operation is called', async () => {
  const { operations } = await import('../../contract/index.ts')
  await import('../../kernel/index.ts')
  await import('./run.ts')
  expect(made).toEqual([])

  expect(operations['task.heartbeat'].input.safeParse({ id: 't_0000000a' }).success).toBe(true)
  expect(made).not.toEqual([])
})
