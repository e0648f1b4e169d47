import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Client } from '../../contract/index.ts'
import type { PlacedAction } from '../app/all-keys.ts'
import type { Action } from '../shared/actions.svelte.ts'
import { keyBindings } from '../shared/key-bindings.svelte.ts'
import { KeyEditor } from './key-editor.svelte.ts'

const placed = (place: PlacedAction['place'], id: string, keys: string[], more: Partial<Action> = {}) => ({
  place,
  action: { id, label: id, group: 'Test', keys, run: () => undefined, ...more },
})

const go = placed('app', 'app.inbox', ['g i'])
const pause = placed('app', 'app.pause', ['p'], { scope: 'board' })
const next = placed('board', 'board.down', ['j', 'arrowdown'], { scope: 'board' })
const extend = placed('board', 'board.extend-down', ['shift+j'], { scope: 'board', shiftOf: 'board.down' })
const move = placed('board', 'board.move', ['m'], { scope: 'board' })
const nextRun = placed('task', 'open.next-run', ['j'], { scope: 'drawer' })
const merge = placed('diff', 'diff.merge', ['m'], { scope: 'board' })
const change = placed('diff', 'diff.change_previous', ['p'], { scope: 'board' })
const palette = placed('app', 'app.palette', ['mod+k'], { inFields: true })
const ALL = [palette, change, go, pause, next, extend, move, nextRun, merge]

let saved: Record<string, string[]> | null
let refusal: string | null
let editor: KeyEditor
let end: () => void
beforeEach(async () => {
  saved = {}
  refusal = null
  vi.stubGlobal('window', { addEventListener: () => undefined, removeEventListener: () => undefined })
  const answer = () => Promise.resolve({ settings: { keys: saved ?? {} } })
  const client = {
    settings: {
      show: answer,
      set: ({ settings }: { settings: { keys: Record<string, string[]> | null } }) => {
        if (refusal !== null) throw Object.assign(new Error(refusal), { code: 'CONFLICT' })
        saved = settings.keys
        return answer()
      },
    },
  } as unknown as Client
  end = keyBindings.start(client)
  await Promise.resolve()
  editor = new KeyEditor(ALL)
})
afterEach(() => {
  end()
  keyBindings.take({})
})

async function press(key: string, held: Partial<KeyboardEvent> = {}): Promise<void> {
  const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }
  const ignored = { preventDefault: () => undefined, stopPropagation: () => undefined }
  await editor.press({ key, ...none, ...held, ...ignored } as KeyboardEvent)
}

it('replaces the chosen key of an action by the next key pressed', async () => {
  editor.begin(next, 1)
  await press('Shift', { shiftKey: true })
  await press('N', { shiftKey: true })
  expect(saved).toEqual({ 'board.down': ['j', 'shift+n'] })
  expect(keyBindings.of(next.action)).toEqual(['j', 'shift+n'])
  expect(editor.slot).toBeNull()
})

it('waits for a second key after one that begins a sequence', async () => {
  editor.begin(move, 0)
  await press('g')
  expect(editor.first).toBe('g')
  await press('m')
  expect(saved).toEqual({ 'board.move': ['g m'] })
})

it('names the action that has a key, and takes the key from it on request', async () => {
  editor.begin(move, 0)
  await press('p')
  expect(editor.conflict?.holder.action.id).toBe('app.pause')
  expect(saved).toEqual({})
  await editor.take()
  expect(saved).toEqual({ 'app.pause': [], 'board.move': ['p'] })
  expect(editor.conflict).toBeNull()
})

it('does not take a key from an action that follows the keys of another action', async () => {
  editor.begin(move, 0)
  await press('J', { shiftKey: true })
  expect(editor.conflict?.holder.action.id).toBe('board.extend-down')
  expect(editor.canTake).toBe(false)
  await editor.take()
  expect(saved).toEqual({})
})

it('lets two views, and the open task and the view beside it, have the same key', async () => {
  editor.begin(merge, 0)
  await press('j')
  editor.begin(nextRun, 0)
  await press('m')
  expect(editor.conflict).toBeNull()
  expect(saved).toEqual({ 'diff.merge': ['j'], 'open.next-run': ['m'] })
})

it('refuses a letter for an action that also works while text is typed, and waits for another key', async () => {
  editor.begin(palette, 0)
  await press('z')
  expect(editor.refusal).toContain('works while you type')
  await press('g')
  expect(editor.first).toBeNull()
  expect(saved).toEqual({})
  await press('F2')
  expect(saved).toEqual({ 'app.palette': ['f2'] })
  expect(editor.refusal).toBeNull()
})

it('ignores a key that is still held down, such as the Enter that began the choice', async () => {
  editor.begin(move, 0)
  await press('Enter', { repeat: true })
  expect(saved).toEqual({})
  await press('Enter')
  expect(saved).toEqual({ 'board.move': ['enter'] })
})

it('lets Tab move to the buttons beside a key, and keeps waiting', async () => {
  editor.begin(move, 0)
  await press('Tab')
  expect(editor.isChoosing(move, 0)).toBe(true)
})

it('changes nothing after Escape', async () => {
  editor.begin(move, 0)
  await press('Escape')
  await press('z')
  expect(editor.slot).toBeNull()
  expect(saved).toEqual({})
})

it('removes a key, and resets one action or all', async () => {
  await editor.remove({ placed: next, index: 0 })
  expect(saved).toEqual({ 'board.down': ['arrowdown'] })
  await editor.reset(next)
  expect(saved).toEqual({})
  await editor.remove({ placed: move, index: 0 })
  await editor.resetAll()
  expect(saved).toBeNull()
  expect(keyBindings.of(move.action)).toEqual(['m'])
})

it('does not reset an action to a key that another action now has', async () => {
  editor.begin(next, 0)
  await press('x')
  editor.begin(move, 0)
  await press('j')
  await editor.reset(next)
  expect(editor.conflict?.holder.action.id).toBe('board.move')
  expect(keyBindings.of(next.action)).toEqual(['x', 'arrowdown'])
})

it('stores no choice that equals the default keys of the action', async () => {
  editor.begin(move, 0)
  await press('z')
  editor.begin(move, 0)
  await press('m')
  expect(saved).toEqual({})
})

it('restores the default key of an action, also if another action has the same by default', async () => {
  editor.begin(pause, 0)
  await press('z')
  editor.begin(pause, 0)
  await press('p')
  expect(editor.conflict).toBeNull()
  expect(saved).toEqual({})
})

it('says why a key was refused, and keeps the old one', async () => {
  refusal = 'config.json cannot be read'
  editor.begin(move, 0)
  await press('z')
  expect(keyBindings.problem).toBe('config.json cannot be read')
  expect(keyBindings.of(move.action)).toEqual(['m'])
})
