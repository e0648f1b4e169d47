import { replaceControls } from '../../../formats/controls.ts'

/** Makes text safe for a terminal, and measures how many columns it takes. */

/** The first of the Unicode pictures of control characters: ␀ for 0, ␁ for 1, … */
const CONTROL_PICTURES = 0x2400
/** Characters that change the direction of text: with them, a line could appear to say something else. */
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g

/**
 * @returns the text without control sequences, with other control characters as visible signs; tabs and line breaks
 *   stay
 */
export function visible(text: string): string {
  return replaceControls(text.replaceAll('\r\n', '\n'), (sequence, kind) => {
    if (kind !== 'control') return ''
    const code = sequence.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(CONTROL_PICTURES + code)
    return code === 0x7f ? '\u2421' : '\ufffd'
  }).replace(BIDI_CONTROLS, '\ufffd')
}

/** Anything but text, tabs, line breaks, and the colours that this door adds. */
const NOT_OURS =
  // eslint-disable-next-line no-control-regex -- control characters are what this finds
  /\u001b(?!\[\d{1,2}m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** The last check before output, in case a view did not make a field safe. Our own colours stay. */
export function harmless(text: string): string {
  return text.replace(NOT_OURS, '\ufffd')
}

/** JSON does not escape these, and a terminal may execute some of them. */
const LEFT_BY_JSON = /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** @returns the value as JSON on one line without control characters */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    LEFT_BY_JSON,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** @returns the text on one line: each run of white space becomes one space */
export function oneLine(text: string): string {
  return visible(text).replace(/\s+/g, ' ').trim()
}

const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}|^[\u{20000}-\u{3fffd}]/u
const NO_WIDTH = /^[\p{M}\p{Cf}]/u
// eslint-disable-next-line no-control-regex -- the colours that this door itself added
const COLOURS = /\u001b\[\d+m/g

/** Most text: its width is its length. */
const PLAIN = /^[ -~]*$/

function charWidth(char: string): number {
  if (NO_WIDTH.test(char)) return 0
  return WIDE.test(char) ? 2 : 1
}

/** @returns how many columns the text takes in a terminal; colours take none */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const char of text.replace(COLOURS, '')) width += charWidth(char)
  return width
}

/**
 * @param text without colours
 * @returns the text, cut to `width` columns; `…` marks a cut
 */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let taken = ''
  let left = width - 1
  for (const char of text) {
    left -= charWidth(char)
    if (left < 0) break
    taken += char
  }
  return `${taken.trimEnd()}…`
}

/** Fills up to `width` columns on the right. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

/** Fills up to `width` columns on the left. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text
}

/** @returns the text with every line indented, except empty ones */
export function indent(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(by) + line))
    .join('\n')
}
