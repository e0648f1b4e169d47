import { expect, it } from 'vitest'
import { comboOf, keyCaps, matchesKeys } from './keys.ts'

const isMac = /mac/i.test(navigator.platform)

function pressed(key: string, held: Partial<KeyboardEvent> = {}): KeyboardEvent {
  const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }
  return { key, ...none, ...held } as KeyboardEvent
}
const mod = isMac ? { metaKey: true } : { ctrlKey: true }

it.each([
  ['m', pressed('m')],
  ['shift+x', pressed('X', { shiftKey: true })],
  ['mod+k', pressed('k', mod)],
  ['alt+arrowdown', pressed('ArrowDown', { altKey: true })],
  ['?', pressed('?', { shiftKey: true })],
  ['+', pressed('+', { shiftKey: true })],
  ['mod++', pressed('+', mod)],
  ['ü', pressed('ü')],
  ['shift+ü', pressed('Ü', { shiftKey: true })],
])('writes a pressed key as %s, and recognizes it again', (combo, event) => {
  expect(comboOf(event)).toBe(combo)
  expect(matchesKeys(event, combo)).toBe(true)
  expect(matchesKeys(event, 'q')).toBe(false)
})

it.each(['Shift', 'Control', 'Meta', 'Alt', 'Dead', 'Tab', ' '])(
  '%j alone cannot be the key of an action',
  (key) => {
    expect(comboOf(pressed(key))).toBeNull()
  },
)

it('shows each key of a combination, also a plus', () => {
  expect(keyCaps('+')).toEqual(['+'])
  expect(keyCaps('g i')).toEqual(['G', 'I'])
  expect(keyCaps('mod++')).toEqual([isMac ? '⌘' : 'Ctrl', '+'])
})
