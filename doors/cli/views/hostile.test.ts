import { describe, expect, it } from 'vitest'
import { hasControls } from '../../../formats/controls.ts'
import { grownBeyond, HOSTILE } from '../../../formats/testing/hostile.ts'
import { TerminalBytes } from '../local/terminal-bytes.ts'
import { cut, harmless, indent, jsonText, oneLine, pad, visible, widthOf } from './text.ts'

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  visible,
  harmless,
  jsonText,
  oneLine,
  widthOf,
  cut: (text) => cut(text, 80),
  pad: (text) => pad(text, 80),
  indent: (text) => indent(text, 2),
  'a log on a terminal': (text) => {
    const safe = new TerminalBytes()
    return safe.put(Buffer.from(text)) + safe.end()
  },
}

describe('X5: takes time in proportion to any hostile text:', () => {
  it.each(Object.entries(READERS))('%s', (_name, read) => {
    expect(grownBeyond(read, 64 * 1024)).toEqual([])
  })
})

it.each(Object.entries(HOSTILE))('X16: leaves nothing in %s for a terminal to execute', (_name, make) => {
  expect(hasControls(visible(make(5_000)).replaceAll('\n', ''))).toBe(false)
})
