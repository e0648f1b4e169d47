import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { LogText } from './log-text.ts'
import type { LogReader } from './log-reader.svelte.ts'
import { LogViewState } from './log-view.svelte.ts'

const said = (text: string) =>
  `${JSON.stringify({ type: 'item.completed', item: { type: 'agent_message', text } })}\n`

let stored: Map<string, string>

beforeEach(() => {
  vi.useFakeTimers()
  stored = new Map()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  })
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function setup(content: string) {
  const text = new LogText()
  text.append(content)
  const reader = { text, length: text.length } as unknown as LogReader
  const view = new LogViewState(reader)
  const scrolled: number[] = []
  view.list = {
    scrollToIndex: (row) => scrolled.push(row),
    findItemIndex: (offset) => offset,
    getScrollOffset: () => 0,
  }
  view.grown()
  return { view, scrolled }
}

const PIECES = ['I loo', 'k around', '.'].map(
  (content) => `${JSON.stringify({ type: 'message', role: 'assistant', content, delta: true })}\n`,
)
const FAILURE = `${JSON.stringify({ type: 'turn.failed', error: { message: 'no more' } })}\n`

it('a log with events is shown in words, until the user switches, which is remembered', () => {
  const { view } = setup(PIECES.join('') + said('Done.'))
  expect([view.inWords, view.rows]).toEqual([true, 2])
  view.show(false)
  expect([view.inWords, view.rows]).toEqual([false, 4])
  expect(setup(said('Done.')).view.inWords).toBe(false)
  expect(JSON.parse(stored.get('runboard:log') ?? '')).toEqual({
    ...{ wrap: true, times: true, readable: false, plan: true },
  })
})

it('a log without events is shown as written, with no choice', () => {
  const { view } = setup('plain\n{"a":1}\n')
  expect([view.hasEvents, view.inWords, view.rows]).toEqual([false, false, 2])
})

it('settings from before that choice existed still apply', () => {
  stored.set('runboard:log', '{"wrap":false,"times":false}')
  const { view } = setup('')
  expect([view.wrap, view.times, view.readable]).toEqual([false, false, true])
})

it('a search finds what is shown', async () => {
  const { view } = setup(PIECES.join('') + said('Done.'))
  const found = async (query: string) => {
    view.search(query)
    await vi.advanceTimersByTimeAsync(500)
    return view.matches
  }
  expect(await found('look AROUND')).toEqual([0])
  expect(await found('agent_message')).toEqual([])
  view.show(false)
  expect(await found('look around')).toEqual([])
  expect(await found('agent_message')).toEqual([3])
})

it('the error to jump to is the same line in both modes', async () => {
  const { view, scrolled } = setup(PIECES.join('') + FAILURE + said('Bye.'))
  view.toError()
  await vi.advanceTimersByTimeAsync(50)
  expect([scrolled.at(-1), view.isMarked(1)]).toEqual([1, true])
  view.show(false)
  await vi.advanceTimersByTimeAsync(50)
  expect(view.isMarked(3)).toBe(true)
  view.toError()
  await vi.advanceTimersByTimeAsync(50)
  expect(scrolled.at(-1)).toBe(3)
})

it('the keyboard moves from event to event, past plain lines', () => {
  const { view } = setup(`plain\n${said('one')}plain\nplain\n${said('two')}`)
  view.placeCursor(4)
  expect(view.cursor).toBe(1)
  expect([view.moveCursor(1), view.cursor]).toEqual([true, 4])
  expect([view.moveCursor(1), view.cursor]).toEqual([false, 4])
  view.open(4)
  expect([...view.opened]).toEqual([4])
  view.open(4)
  expect([...view.opened]).toEqual([])
})
