/**
 * Terminal control sequences in untrusted text. One pass from left to right, so that the time is linear in the length
 * of the text. A regular expression that looks for the end of a sequence starts again at each possible beginning:
 * Node's own `stripVTControlCharacters` took ten seconds for 200 KB of `ESC ]`.
 */

/**
 * - `style`: colours and other attributes (`ESC [ … m`)
 * - `csi`: any other sequence with parameters: cursor, screen, queries to the terminal
 * - `string`: OSC, DCS, APC, PM and SOS with their text and terminator: a title, the clipboard, a picture
 * - `link`: the string that makes a link (OSC 8)
 * - `escape`: ESC with what belongs to it, also when a sequence has no end
 * - `control`: one control character; tab and line feed count as text
 */
export type ControlKind = 'style' | 'csi' | 'string' | 'link' | 'escape' | 'control'

export interface Control {
  kind: ControlKind
  /** Index after its last character. */
  end: number
  /** The text ends before the sequence does; what follows may complete it. */
  isOpen: boolean
}

const TAB = 0x09
const LINE_FEED = 0x0a
const BELL = 0x07
const ESCAPE = 0x1b
/** The second character of ST, which ends a string. */
const BACKSLASH = 0x5c
const STRING_TERMINATOR = 0x9c

/** The second byte after ESC that starts a string: DCS, SOS, OSC, PM, APC. In C1 each is one character, 0x40 higher. */
const STRINGS: ReadonlySet<number> = new Set([0x50, 0x58, 0x5d, 0x5e, 0x5f])
const OSC = 0x5d
const CSI = 0x5b

/** @returns whether a UTF-16 code unit is a control character; tab and line feed are text */
export function isControl(code: number): boolean {
  if (code >= 0x20) return code >= 0x7f && code <= 0x9f
  return code !== TAB && code !== LINE_FEED
}

// eslint-disable-next-line no-control-regex -- control characters are what this finds
const ANY_CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

/** @returns whether the text has a control character; tab and line feed count as text */
export function hasControls(text: string): boolean {
  return ANY_CONTROL.test(text)
}

/** @returns the sequence that begins with the control character at `at` */
export function controlAt(text: string, at: number): Control {
  const code = text.charCodeAt(at)
  if (code !== ESCAPE) {
    if (code === CSI + 0x40) return csiFrom(text, at + 1)
    if (STRINGS.has(code - 0x40)) return stringFrom(text, at + 1, code - 0x40)
    return { kind: 'control', end: at + 1, isOpen: false }
  }
  if (at + 1 >= text.length) return { kind: 'escape', end: at + 1, isOpen: true }
  const next = text.charCodeAt(at + 1)
  if (next === CSI) return csiFrom(text, at + 2)
  if (STRINGS.has(next)) return stringFrom(text, at + 2, next)
  return escapeFrom(text, at + 1)
}

/** Parameters (0–?), intermediates (space–/), and a final letter. A broken sequence is taken as far as it is valid. */
function csiFrom(text: string, from: number): Control {
  let at = from
  while (isWithin(text, at, 0x30, 0x3f)) at++
  const parametersEnd = at
  while (isWithin(text, at, 0x20, 0x2f)) at++
  if (at >= text.length) return { kind: 'escape', end: at, isOpen: true }
  if (!isWithin(text, at, 0x40, 0x7e)) return { kind: 'escape', end: at, isOpen: false }
  const isStyle = text[at] === 'm' && parametersEnd === at && !isWithin(text, from, 0x3c, 0x3f)
  return { kind: isStyle ? 'style' : 'csi', end: at + 1, isOpen: false }
}

/**
 * A string ends with ST or BEL. If another control character interrupts it, only its introducer is taken: an
 * unterminated string must not hide the text after it.
 */
function stringFrom(text: string, from: number, introducer: number): Control {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (!isControl(code) && code !== LINE_FEED) continue
    const kind = introducer === OSC && text.startsWith('8;', from) ? 'link' : 'string'
    if (code === BELL || code === STRING_TERMINATOR) return { kind, end: at + 1, isOpen: false }
    if (code === ESCAPE && at + 1 >= text.length) return { kind: 'escape', end: from, isOpen: true }
    if (code === ESCAPE && text.charCodeAt(at + 1) === BACKSLASH) return { kind, end: at + 2, isOpen: false }
    return { kind: 'escape', end: from, isOpen: false }
  }
  return { kind: 'escape', end: from, isOpen: true }
}

/** ESC, intermediates (space–/), and one final character. */
function escapeFrom(text: string, from: number): Control {
  let at = from
  while (isWithin(text, at, 0x20, 0x2f)) at++
  if (at >= text.length) return { kind: 'escape', end: at, isOpen: true }
  return { kind: 'escape', end: isWithin(text, at, 0x30, 0x7e) ? at + 1 : at, isOpen: false }
}

function isWithin(text: string, at: number, low: number, high: number): boolean {
  const code = text.charCodeAt(at)
  return code >= low && code <= high
}

/**
 * @param replace what to put in place of each sequence
 * @returns the text with each control sequence replaced
 */
export function replaceControls(
  text: string,
  replace: (sequence: string, kind: ControlKind) => string,
): string {
  if (!hasControls(text)) return text
  const parts: string[] = []
  let from = 0
  for (let at = 0; at < text.length;) {
    if (!isControl(text.charCodeAt(at))) {
      at++
      continue
    }
    const { kind, end } = controlAt(text, at)
    parts.push(text.slice(from, at), replace(text.slice(at, end), kind))
    at = end
    from = end
  }
  parts.push(text.slice(from))
  return parts.join('')
}

/** Removes control sequences and control characters; tabs and line feeds stay. */
export function toPlainText(text: string): string {
  return replaceControls(text, () => '')
}

/**
 * What a terminal shows of a line that carriage returns overwrite (a progress bar): the last text written that is not
 * blank.
 *
 * @param line without its line break
 */
export function lastWritten(line: string): string {
  for (let end = line.length; end > 0;) {
    const start = line.lastIndexOf('\r', end - 1) + 1
    const shown = line.slice(start, end)
    if (shown.trim() !== '') return shown
    end = start - 1
  }
  return ''
}

/** Lines as plain text, each as a terminal shows it in the end. */
export function toPlainLines(text: string): string[] {
  return text.split('\n').map((raw) => toPlainText(lastWritten(raw)).trimEnd())
}

/** Cuts a line to at most `maxChars`, with an ellipsis. No character is cut in half. */
export function clipLine(line: string, maxChars: number): string {
  if (line.length <= maxChars) return line
  const code = line.charCodeAt(maxChars - 2)
  const isHalf = code >= 0xd800 && code <= 0xdbff
  return `${line.slice(0, maxChars - (isHalf ? 2 : 1))}…`
}
