/**
 * How much of a worker's Markdown is rendered. A text beyond a limit is shown as plain source: 2,000 `>` nest deeper
 * than a parser or a browser can handle, and 130 KB of table have more cells than a page can lay out in seconds.
 */
export const MARKDOWN_LIMITS = {
  /** Longer texts are not parsed at all. */
  chars: 100_000,
  /** How deep quotes and lists may be nested. */
  source_depth: 30,
  /** How deep elements may be nested. */
  depth: 60,
  elements: 4_000,
} as const

/** @returns whether the text is short and flat enough to be parsed; linear time */
export function mayBeParsed(text: string): boolean {
  if (text.length > MARKDOWN_LIMITS.chars) return false
  for (let start = 0; start <= text.length;) {
    const lineEnd = text.indexOf('\n', start)
    const end = lineEnd < 0 ? text.length : lineEnd
    if (depthOfLine(text, start, end) > MARKDOWN_LIMITS.source_depth) return false
    start = end + 1
  }
  return true
}

/** How many quotes and lists a line opens, by the marks before its first word. */
function depthOfLine(text: string, start: number, end: number): number {
  let marks = 0
  let blanks = 0
  for (let at = start; at < end; at++) {
    const char = text[at] ?? ''
    if (char === ' ') blanks++
    else if (char === '\t') blanks += 4
    else if (char === '>') marks++
    else if ((char === '-' || char === '+' || char === '*') && isBlank(text[at + 1])) marks++
    else if (char < '0' || char > '9') {
      if ((char !== '.' && char !== ')') || !isBlank(text[at + 1])) break
      marks++
    }
  }
  // A nested item is indented by at least two columns.
  return Math.max(marks, Math.floor(blanks / 2) - marks)
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t'
}

const VOID = new Set(['br', 'hr', 'img', 'input'])

/** @returns whether the HTML of a Markdown parser is small and flat enough for a page; linear time */
export function mayBeShown(html: string): boolean {
  let elements = 0
  let depth = 0
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at + 1)) {
    if (html[at + 1] === '/') depth = Math.max(0, depth - 1)
    else {
      const name = /^[a-z0-9]{1,20}/i.exec(html.slice(at + 1, at + 21))?.[0].toLowerCase()
      if (name === undefined) continue
      elements++
      if (!VOID.has(name)) depth++
    }
    if (elements > MARKDOWN_LIMITS.elements || depth > MARKDOWN_LIMITS.depth) return false
  }
  return true
}
