import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Action, actions } from './actions.svelte.ts'
import { keyBindings } from './key-bindings.svelte.ts'

class Element {
  readonly matched: string
  readonly around: string
  constructor(matched = '', around = '') {
    this.matched = matched
    this.around = around
  }
  matches(selector: string) {
    return this.matched !== '' && selector.includes(this.matched)
  }
  closest(selector: string) {
    return this.around !== '' && selector.includes(this.around) ? this : null
  }
}
class Input extends Element {
  readonly type = 'text'
}

/** A field type that no test here focuses. */
class Other extends Element {}

let done: string[]
let end: () => void
beforeEach(() => {
  done = []
  vi.stubGlobal('Element', Element)
  vi.stubGlobal('HTMLElement', Element)
  vi.stubGlobal('HTMLInputElement', Input)
  vi.stubGlobal('HTMLTextAreaElement', Other)
  vi.stubGlobal('HTMLSelectElement', Other)
  const action = (id: string, change: Partial<Action>): Action => ({
    id,
    label: id,
    group: 'Test',
    run: () => done.push(id),
    ...change,
  })
  end = actions.register([
    action('open', { keys: ['enter'], scope: 'board' }),
    action('select all', { keys: ['mod+a'], scope: 'board' }),
    action('palette', { keys: ['mod+k'], inFields: true }),
    action('go to board', { keys: ['g b'] }),
    action('block', { keys: ['b'] }),
    action('next run', { keys: ['j'], scope: 'drawer' }),
    action('next card', { keys: ['j'], scope: 'board' }),
    action('never', { keys: ['n'], enabled: () => false }),
  ])
})
afterEach(() => end())

function press(key: string, target: Element = new Element(), held: Partial<KeyboardEvent> = {}) {
  let prevented = false
  actions.handle({
    key,
    target,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    isComposing: false,
    defaultPrevented: false,
    preventDefault: () => (prevented = true),
    ...held,
  } as unknown as KeyboardEvent)
  return prevented
}
const mod = { ctrlKey: true, metaKey: /mac/i.test(navigator.platform) }

it('typing in a field runs no action, except those with inFields', () => {
  const field = new Input()
  expect(press('j', field)).toBe(false)
  expect(press('a', field, mod)).toBe(false)
  expect(press('k', field, mod)).toBe(true)
  expect(done).toEqual(['palette'])
})

it('a letter stays text in a field, even if the user chose it for an action with inFields', () => {
  keyBindings.take({ palette: ['p', 'shift+p', 'alt+p', 'f2'] })
  try {
    const field = new Input()
    expect(press('p', field)).toBe(false)
    expect(press('P', field, { shiftKey: true })).toBe(false)
    expect(done).toEqual([])
    expect(press('p', field, { altKey: true })).toBe(true)
    expect(press('F2', field)).toBe(true)
    expect(press('p')).toBe(true)
  } finally {
    keyBindings.take({})
  }
})

it('Enter on a button presses the button', () => {
  expect(press('Enter', new Element('button'))).toBe(false)
  press('Enter')
  expect(done).toEqual(['open'])
})

it("the drawer's action wins while the focus is there", () => {
  press('j', new Element('', 'data-scope="drawer"'))
  press('j')
  expect(done).toEqual(['next run', 'next card'])
})

it('a menu or a dialog keeps its keys', () => {
  press('j', new Element('', 'data-own-keys'))
  expect(done).toEqual([])
})

it("a two-key sequence is one command, and does not run the second key's own", () => {
  press('g')
  press('b')
  press('b')
  expect(done).toEqual(['go to board', 'block'])
})

it('a disabled action ignores its key', () => {
  expect(press('n')).toBe(false)
})

it('an open menu or dialog gets all keys, even before it has the focus', () => {
  const first = actions.hold()
  const second = actions.hold()
  press('b')
  first()
  press('b')
  expect(done).toEqual([])
  second()
  press('b')
  expect(done).toEqual(['block'])
})

it('X21: the first key of a sequence is forgotten after its time, also when the clock is set back', () => {
  vi.useFakeTimers()
  try {
    press('g')
    vi.setSystemTime(Date.now() - 365 * 86_400_000)
    vi.advanceTimersByTime(60_000)
    press('b')
    expect(done).toEqual(['block'])
  } finally {
    vi.useRealTimers()
  }
})

it('an action has the keys that the user chose, and no longer its default keys', () => {
  keyBindings.take({ block: ['z'], 'next card': [] })
  try {
    press('b')
    press('j')
    expect(done).toEqual([])
    press('z')
    expect(done).toEqual(['block'])
    expect(actions.keyOf('block')).toBe('z')
    expect(actions.keyOf('next card')).toBeUndefined()
  } finally {
    keyBindings.take({})
  }
  expect(actions.keyOf('block')).toBe('b')
})

it('an action with Shift follows the keys of the one without', () => {
  const extend = { id: 'extend', keys: ['shift+j'], shiftOf: 'next card' }
  expect(keyBindings.of(extend)).toEqual(['shift+j'])
  keyBindings.take({ 'next card': ['n', 'g n'] })
  expect(keyBindings.of(extend)).toEqual(['shift+n'])
  keyBindings.take({})
})
