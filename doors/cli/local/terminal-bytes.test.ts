import { describe, expect, it } from 'vitest'
import { hasControls } from '../../../formats/controls.ts'
import { HOSTILE } from '../../../formats/testing/hostile.ts'
import { TerminalBytes } from './terminal-bytes.ts'

const DANGEROUS: Record<string, string> = {
  'the clipboard (OSC 52)': '\u001b]52;c;cm0gLXJmIC8=\u0007',
  'the title (OSC 0)': '\u001b]0;your bank\u001b\\',
  'a link (OSC 8)': '\u001b]8;;http://evil\u0007',
  'the place of the cursor (CSI 6n)': '\u001b[6n',
  'what the terminal is (CSI c)': '\u001b[c\u001b[>c\u001b[=c',
  'the settings of styles (CSI ? m)': '\u001b[>4;2m',
  'the screen': '\u001b[2J\u001b[H\u001b[?1049h',
  'a device control string': '\u001bP+q544e\u001b\\',
  'an application’s string': '\u001b_Gf=100;AAAA\u001b\\',
  'the forms of C1': '\u009d52;c;aGk=\u009c\u009b6n\u0090x\u009c\u0085',
  'a reset (RIS)': '\u001bc',
  bells: '\u0007'.repeat(50),
  backspaces: '\u0008\u007f',
}

function shown(...pieces: Uint8Array[]): string {
  const safe = new TerminalBytes()
  return pieces.map((piece) => safe.put(piece)).join('') + safe.end()
}

describe('X16: a log on a terminal', () => {
  it.each(Object.entries(DANGEROUS))('does not set or query %s', (_name, sequence) => {
    expect(shown(Buffer.from(`before ${sequence}after\n`))).toBe('before after\n')
  })

  it('keeps colours, and resets them at the end', () => {
    expect(shown(Buffer.from('\u001b[1;31mred\u001b[0m\n'))).toBe('\u001b[1;31mred\u001b[0m\n\u001b[0m')
    expect(shown(Buffer.from('\u009b31mred'))).toBe('\u001b[31mred\u001b[0m')
  })

  it('keeps a progress bar, and makes changes of text direction visible', () => {
    expect(shown(Buffer.from('10%\r20%\r\n\u202egnp'))).toBe('10%\r20%\r\n\ufffdgnp')
  })

  it.each(Object.values(DANGEROUS))('does so however %j is split', (sequence) => {
    const bytes = Buffer.from(`before ${sequence}é after\n`)
    for (let size = 1; size <= 5; size++) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      )
      expect(shown(...pieces)).toBe('before é after\n')
    }
  })

  it('shows invalid UTF-8 as such, also where a piece ends', () => {
    expect(shown(Buffer.from([0x9b, 0x36]), Buffer.from([0x6e, 0xff, 0xc3]), Buffer.from([0xa9]))).toBe(
      '\ufffd6n\ufffdé',
    )
  })

  it('does not withhold anything forever', () => {
    const safe = new TerminalBytes()
    const printed = safe.put(Buffer.from(`\u001b]0;${'x'.repeat(100_000)}`))
    expect(printed).toBe(`0;${'x'.repeat(100_000)}`)
  })

  it.each(Object.entries(HOSTILE))('executes no sequence of %s', (_name, make) => {
    const text = shown(Buffer.from(make(5_000)))
    // eslint-disable-next-line no-control-regex -- matches the colours, which may stay
    expect(hasControls(text.replace(/\u001b\[[\d:;]*m|\r/g, ''))).toBe(false)
  })
})
