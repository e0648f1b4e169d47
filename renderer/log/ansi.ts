import { AnsiUp } from 'ansi_up'

export { toPlainText as plainText } from '../../formats/controls.ts'

/**
 * Converts coloured terminal output to pieces of text with class names. The page's policy allows no inline styles, and
 * a worker's colours would not be legible in both themes, so each colour is mapped to the nearest of the theme's eight.
 */
export interface Piece {
  text: string
  /** Class names, separated by blanks; empty for plain text. */
  classes: string
  /** An address that the worker linked to (only http and https). */
  href: string | null
}

const ESCAPE = '\u001b'
// eslint-disable-next-line no-control-regex -- control sequences are what this finds
const STYLE = /\u001b\[([\d;]*)m/g
// eslint-disable-next-line no-control-regex -- characters that a terminal would not show either
const UNSEEN = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g

/**
 * A line that was overwritten in place (a progress bar) shows the last text written.
 *
 * @param line without its line break
 */
export function lastWritten(line: string): string {
  const trimmed = line.endsWith('\r') ? line.slice(0, -1) : line
  const from = trimmed.lastIndexOf('\r')
  return from < 0 ? trimmed : trimmed.slice(from + 1)
}

/** The most style that is carried from line to line; real output never needs more. */
const LONGEST_STYLE = 120

/**
 * @param before the style sequences in effect where the line starts
 * @returns those in effect at its end, for the start of the next line
 */
export function styleAfter(line: string, before: string): string {
  const last = line.lastIndexOf(ESCAPE)
  if (last < 0) return before
  if (line.startsWith('[0m', last + 1) || line.startsWith('[m', last + 1)) return '' // nearly every line ends like this
  let style = before
  for (const [sequence, codes] of line.matchAll(STYLE)) {
    if (codes === '' || codes === '0') style = ''
    else style = /^0;|;0;|;0$/.test(codes ?? '') ? sequence : style + sequence
  }
  return style.length > LONGEST_STYLE ? '' : style
}

const SPAN =
  /<span(?: style="([^"]*)")?(?: class="([^"]*)")?>([^<]*)<\/span>|<a href="([^"]*)">([^<]*)<\/a>|([^<]+)/g
const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
}

const RESET = `${ESCAPE}[0m`
// eslint-disable-next-line no-control-regex -- as above
const UNFINISHED = /\u001b(?:\[[0-?]*[ -/]*|\][^\u0007\u001b]*)?$/

/** Shared by all lines: each parser builds its own palette of 256 colours. */
let parser: AnsiUp | null = null

function makeParser(): AnsiUp {
  const made = new AnsiUp()
  made.use_classes = true
  made.boldStyle = 'ansi-bold'
  made.faintStyle = 'ansi-faint'
  made.italicStyle = 'ansi-italic'
  made.underlineStyle = 'ansi-underline'
  return made
}

/**
 * @param line of a log, with its sequences
 * @param style the result of `styleAfter` for the lines before
 */
export function pieces(line: string, style = ''): Piece[] {
  if (style === '' && !line.includes(ESCAPE))
    return [{ text: line.replace(UNSEEN, ''), classes: '', href: null }]
  parser ??= makeParser()
  const html = parser.ansi_to_html(RESET + style + line)
  if (UNFINISHED.test(line)) parser = null // it would wait for the rest of a sequence, which the next line does not have
  return [...html.matchAll(SPAN)].map(([, styles = '', classes = '', styled, href, link, plain]) => ({
    text: decode(styled ?? link ?? plain ?? '').replace(UNSEEN, ''),
    classes: [...styles.split(';').map(classOf), ...classes.split(' ').map(withoutBright)]
      .filter(Boolean)
      .join(' '),
    href: href === undefined ? null : decode(href),
  }))
}

function decode(html: string): string {
  return html.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity] ?? entity)
}

/** Bright colours differ only by weight on a dark terminal; here both use one legible colour. */
function withoutBright(name: string): string {
  return name.replace('ansi-bright-', 'ansi-')
}

/** The class that the parser produced for bold and similar, or the class for one of 256 or 16 million colours. */
function classOf(style: string): string {
  const colour = /^(background-)?color:rgb\((\d+),\s*(\d+),\s*(\d+)\)$/.exec(style)
  if (colour === null) return style.startsWith('ansi-') ? style : ''
  const name = nearest(Number(colour[2]), Number(colour[3]), Number(colour[4]))
  return `ansi-${name}-${colour[1] === undefined ? 'fg' : 'bg'}`
}

/** @returns the theme's name for a colour, by its hue; one with almost no hue is grey */
function nearest(red: number, green: number, blue: number): string {
  const most = Math.max(red, green, blue)
  const least = Math.min(red, green, blue)
  if (most - least < 36) return most > 150 ? 'white' : 'black'
  const strong = (value: number) => value > (most + least) / 2
  const name = `${strong(red) ? 'r' : ''}${strong(green) ? 'g' : ''}${strong(blue) ? 'b' : ''}`
  const names: Record<string, string> = {
    r: 'red',
    g: 'green',
    b: 'blue',
    rg: 'yellow',
    rb: 'magenta',
    gb: 'cyan',
  }
  return names[name] ?? 'white'
}
