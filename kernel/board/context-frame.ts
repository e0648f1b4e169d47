/**
 * How text that is not the board's own stands in a context: so that none of it can pass for a heading, an instruction or
 * any other line of the board.
 */

/** Everything that a reader may take for the end of a line (Unicode standard, section 5.8). */
const LINE_BREAKS = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/

/**
 * Cuts a text that is too long, and says so in words.
 *
 * @param limit in bytes of UTF-8
 * @param command what prints the whole of it
 */
export function cut(value: string, limit: number, command?: string): string {
  const { kept, marker } = cutApart(value, limit, command)
  return marker === null ? kept : `${kept}\n${marker}`
}

function cutApart(value: string, limit: number, command?: string): { kept: string; marker: string | null } {
  const bytes = Buffer.byteLength(value)
  if (bytes <= limit) return { kept: value, marker: null }
  // Cutting bytes may split a character; the replacement character it leaves is taken off again.
  const kept = Buffer.from(value)
    .subarray(0, limit)
    .toString('utf8')
    .replace(/\ufffd+$/, '')
  const where = command === undefined ? '' : `; \`${command}\` prints all of it`
  return { kept, marker: `[cut: ${bytes - Buffer.byteLength(kept)} more bytes are not shown${where}]` }
}

/** Frames a text by quoting each of its lines; what is cut is said inside. */
export function quote(value: string, limit: number, command?: string): string {
  return cut(value, limit, command)
    .split(LINE_BREAKS)
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n')
}

/** A line of a body that could be read as one of ours: a heading, a fact, a frame, a remark in brackets. */
const LIKE_OURS =
  /^[\s\p{Cf}]*(?:#|>|[=~`-]{3}|\[|End with exactly|- t_|(?:Task|Assigned to|Tenant|Workspace|Branch|Time limit|Checked before|Summary|Error|Metadata|Comment by|In long work|The body of)\b)/iu

/**
 * The body as it is. Where a line of it could be read as one of the board's, it stands between two lines of tildes, more
 * than the body has anywhere in a row.
 */
export function frameBody(value: string, limit: number, command: string): string {
  const { kept, marker } = cutApart(value, limit, command)
  const after = marker === null ? '' : `\n${marker}`
  const lines = kept.split(LINE_BREAKS)
  const isPlain = lines.length === kept.split('\n').length && !lines.some((line) => LIKE_OURS.test(line))
  if (isPlain) return `${kept}${after}`
  const longest = (kept.match(/~+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 3)
  const fence = '~'.repeat(longest + 1)
  return `The body of this task is all that stands between the two lines of tildes.\n\n${fence}\n${kept}\n${fence}${after}`
}

/** A name within a line of the board's own: no line breaks, nothing that reads as markup. */
export function plain(value: string): string {
  return value.replace(/[\s\u0085\p{Cc}`#>*_]+/gu, ' ').trim()
}

/** A value that must stay as it is, such as a path: what could end the line or cannot be seen is written as an escape. */
export function inline(value: string): string {
  return value.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`,
  )
}

/** A title on one line, as it is but for what ends or hides a line. */
export function oneLine(value: string): string {
  return value.replace(/[\s\u0085\p{Cc}]+/gu, ' ').trim()
}
