/**
 * How foreign text is framed in a context, so that none of it can pass for a heading, an instruction or any other
 * line of the board.
 */

/** Everything that a reader may take for the end of a line (Unicode standard, section 5.8). */
const LINE_BREAKS = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/

/**
 * Cuts a text that is too long, and says so in words.
 *
 * @param limit in bytes of UTF-8
 * @param command that prints the whole text
 */
export function cut(value: string, limit: number, command?: string): string {
  const { kept, marker } = cutApart(value, limit, command)
  return marker === null ? kept : `${kept}\n${marker}`
}

function cutApart(value: string, limit: number, command?: string): { kept: string; marker: string | null } {
  const bytes = Buffer.byteLength(value)
  if (bytes <= limit) return { kept: value, marker: null }
  // Cutting bytes may split a character; the resulting replacement character is removed.
  const kept = Buffer.from(value)
    .subarray(0, limit)
    .toString('utf8')
    .replace(/\ufffd+$/, '')
  const where = command === undefined ? '' : `; \`${command}\` prints all of it`
  return { kept, marker: `[cut: ${bytes - Buffer.byteLength(kept)} more bytes are not shown${where}]` }
}

/** Frames a text by quoting each of its lines; a note about a cut is inside the frame. */
export function quote(value: string, limit: number, command?: string): string {
  return cut(value, limit, command)
    .split(LINE_BREAKS)
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n')
}

/** A line of a body that could be mistaken for one of ours: a heading, a fact, a frame, a remark in brackets. */
const LIKE_OURS =
  /^[\s\p{Cf}]*(?:#|>|[=~`-]{3}|\[|End with exactly|- t_|(?:Task|Assigned to|Tenant|Workspace|Branch|Time limit|Checked before|Summary|Error|Metadata|Files|Comment by|In long work|The body of)\b)/iu

/**
 * The body, unchanged. If one of its lines could be mistaken for the board's, it is put between two lines of tildes,
 * longer than any run of tildes in the body.
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

/** A name within a line of the board: without line breaks and without anything that reads as markup. */
export function plain(value: string): string {
  return value.replace(/[\s\u0085\p{Cc}`#>*_]+/gu, ' ').trim()
}

/** A value that must stay exact, such as a path: characters that could end the line or are invisible are escaped. */
export function inline(value: string): string {
  return value.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`,
  )
}

/** A title on one line, unchanged except for characters that end or hide a line. */
export function oneLine(value: string): string {
  return value.replace(/[\s\u0085\p{Cc}]+/gu, ' ').trim()
}
