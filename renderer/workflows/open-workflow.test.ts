import { beforeEach, expect, it, vi } from 'vitest'
import type { Client } from '../../contract/index.ts'
import { OpenWorkflow } from './open-workflow.svelte.ts'

const kept = new Map<string, string>()
beforeEach(() => {
  kept.clear()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  })
})

/** @param add answers `workflow.add`, which saves the file */
function openMine(add: () => Promise<{ name: string; digest: string; path: string }>) {
  const workflow = {
    export: ({ name }: { name: string }) => Promise.resolve({ name, file: `name: ${name}\n` }),
    show: ({ name }: { name: string }) => Promise.resolve({ name, digest: 'd' }),
    check: () => Promise.resolve({ name: 'mine', outline: [] }),
    add,
  }
  return new OpenWorkflow({ workflow } as unknown as Client, 'work', 'mine')
}
/** The answer of `workflow.add`. */
const saved = (name: string) => Promise.resolve({ name, digest: 'd', path: '/home' })

it('keeps text typed during a save, also after a reload', async () => {
  let finish: (answer: Awaited<ReturnType<typeof saved>>) => void = () => undefined
  const open = openMine(() => new Promise((resolve) => (finish = resolve)))
  await open.read(false)
  open.text = 'one'
  open.checkText()
  const saving = open.save()
  open.text = 'one and two'
  open.checkText()
  finish(await saved('mine'))
  await saving
  expect([open.kept, open.text, open.isChanged]).toEqual(['one', 'one and two', true])

  const again = openMine(() => saved('mine'))
  await again.read(false)
  expect(again.text).toBe('one and two')
})

it('shows its own file again after it was saved under another name', async () => {
  const open = openMine(() => saved('other'))
  await open.read(false)
  open.text = 'name: other\n'
  open.checkText()
  expect(await open.save()).toBe('other')
  expect([open.text, open.isChanged]).toEqual(['name: mine\n', false])
})

it('reads the file again without losing a change', async () => {
  const open = openMine(() => saved('mine'))
  await open.read(false)
  open.text = 'changed'
  open.checkText()
  await open.read(false)
  expect(open.text).toBe('changed')
  open.discardChanges()
  expect(open.text).toBe('name: mine\n')
})
