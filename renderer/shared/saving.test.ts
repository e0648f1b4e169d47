import { expect, it } from 'vitest'
import { Saving } from './saving.svelte.ts'
import { toasts } from './toasts.svelte.ts'

it('is busy while the call runs, and returns its answer', async () => {
  const saving = new Saving()
  let end: (value: string) => void = () => undefined
  const answer = saving.run('saving', () => new Promise<string>((resolve) => (end = resolve)))
  expect(saving.busy).toBe('saving')
  end('saved')
  expect(await answer).toBe('saved')
  expect(saving.busy).toBeNull()
})

it('is busy until the last of several calls ends', async () => {
  const saving = new Saving<'list' | 'show'>()
  const ends: (() => void)[] = []
  const call = () => new Promise<void>((resolve) => ends.push(resolve))
  const list = saving.run('list', call)
  const show = saving.run('show', call)
  ends[1]?.()
  await show
  expect(saving.busy).toBe('list')
  ends[0]?.()
  await list
  expect(saving.busy).toBeNull()
})

it('keeps the message of a refused call until the next one', async () => {
  const saving = new Saving()
  expect(
    await saving.run('saving', () =>
      Promise.reject(Object.assign(new Error('The name is taken'), { code: 'CONFLICT' })),
    ),
  ).toBeNull()
  expect(saving.error).toBe('The name is taken')
  expect(saving.failure?.code).toBe('CONFLICT')
  expect(saving.busy).toBeNull()
  await saving.run('saving', () => Promise.resolve(true))
  expect(saving.error).toBeNull()
})

it('shows a refused call as a toast instead, if a title is given', async () => {
  const saving = new Saving()
  await saving.run('saving', () => Promise.reject(new Error('The disk is full')), 'It was not saved')
  expect(saving.error).toBeNull()
  expect(toasts.list.at(-1)?.text).toMatch(/^It was not saved: /)
})
