/** Parses git's description of a difference. All of it is a worker's text: data, never a command. */

export interface DiffLine {
  kind: 'context' | 'added' | 'removed'
  text: string
  /** Its line number before and after; null on the side that lacks the line. */
  old_line: number | null
  new_line: number | null
}

export interface Hunk {
  old_start: number
  new_start: number
  /** git's heading of the hunk: the function that it is in. */
  heading: string
  lines: DiffLine[]
}

export interface FileStat {
  path: string
  /** Its former path, if it was moved. */
  old_path: string | null
  /** null for a binary file. */
  additions: number | null
  deletions: number | null
}

export interface FilePatch {
  change: 'added' | 'modified' | 'deleted' | 'renamed'
  binary: boolean
  hunks: Hunk[]
  /** There was more than the budget allowed. */
  cut: boolean
}

/** How much may still be taken; counts down over all files. */
export interface LineBudget {
  lines: number
}

const LONGEST_LINE = 1000
const MOST_LINES_OF_FILE = 2000

/** @param output of `git diff --numstat -z` */
export function parseNumstat(output: string): FileStat[] {
  const parts = output.split('\0')
  const stats: FileStat[] = []
  for (let at = 0; at < parts.length; at++) {
    // A name may contain tabs too.
    const [, added, deleted, path] = /^([\d-]+)\t([\d-]+)\t(.*)$/s.exec(parts[at] ?? '') ?? []
    if (added === undefined || deleted === undefined || path === undefined) continue
    const count = (text: string) => (text === '-' ? null : Number(text))
    const numbers = { additions: count(added), deletions: count(deleted) }
    // A moved file has no name here; its old and its new one follow.
    if (path === '') stats.push({ path: parts[at + 2] ?? '', old_path: parts[at + 1] ?? null, ...numbers })
    else stats.push({ path, old_path: null, ...numbers })
    if (path === '') at += 2
  }
  return stats
}

const NEXT_PART = /(?<=\n)(?=diff --git )/

/**
 * @param output of `git diff --patch`
 * @returns the part of each file, in the order of `--numstat`
 */
export function splitPatch(output: string): string[] {
  // Content lines begin with a space, a sign or a backslash, so none can be mistaken for a heading. git ends its
  // lines with "\n" only; for /^/m a carriage return in the content would end one too.
  const parts: string[] = []
  for (const part of output.split(NEXT_PART)) {
    if (!part.startsWith('diff --git ')) continue
    const last = parts.at(-1)
    // A file that became a link, or a link a file, is deleted and added: two parts for one row of `--numstat`.
    if (last !== undefined && isSecondHalf(last, part)) parts[parts.length - 1] = last + part
    else parts.push(part)
  }
  return parts
}

function isSecondHalf(first: string, second: string): boolean {
  const [heading, kind] = first.split('\n', 2)
  const [nextHeading, nextKind] = second.split('\n', 2)
  if (heading !== nextHeading) return false
  return kind?.startsWith('deleted file mode ') === true && nextKind?.startsWith('new file mode ') === true
}

/**
 * @param part one file of `splitPatch`
 * @param budget what may still be taken; is reduced
 */
export function parseFilePatch(part: string, budget: LineBudget): FilePatch {
  const [first, second] = part.split(NEXT_PART)
  if (first === undefined || second === undefined) return parsePart(part, budget)
  const [before, after] = [parsePart(first, budget), parsePart(second, budget)]
  return {
    change: 'modified',
    binary: before.binary || after.binary,
    hunks: [...before.hunks, ...after.hunks],
    cut: before.cut || after.cut,
  }
}

function parsePart(part: string, budget: LineBudget): FilePatch {
  const lines = part.split('\n')
  const body = lines.findIndex((line) => line.startsWith('@@ '))
  const head = body < 0 ? lines : lines.slice(0, body)
  const { hunks, cut } = body < 0 ? { hunks: [], cut: false } : parseHunks(lines.slice(body), budget)
  return { change: changeOf(head), binary: head.some((line) => isBinaryNote(line)), hunks, cut }
}

function isBinaryNote(line: string): boolean {
  return line.startsWith('Binary files ') || line === 'GIT binary patch'
}

function changeOf(head: readonly string[]): FilePatch['change'] {
  if (head.some((line) => line.startsWith('new file mode '))) return 'added'
  if (head.some((line) => line.startsWith('deleted file mode '))) return 'deleted'
  return head.some((line) => line.startsWith('rename from ')) ? 'renamed' : 'modified'
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/s

function parseHunks(lines: readonly string[], budget: LineBudget): { hunks: Hunk[]; cut: boolean } {
  const hunks: Hunk[] = []
  let taken = 0
  let [before, after] = [0, 0]
  for (const line of lines) {
    const start = HUNK.exec(line)
    if (start !== null) {
      ;[before, after] = [Number(start[1]), Number(start[2])]
      hunks.push({ old_start: before, new_start: after, heading: shorten(start[3] ?? ''), lines: [] })
      continue
    }
    const kind = kindOf(line)
    if (kind === null) continue
    if (taken === MOST_LINES_OF_FILE || budget.lines === 0) return { hunks, cut: true }
    taken++
    budget.lines--
    hunks.at(-1)?.lines.push({
      kind,
      text: shorten(line.slice(1)),
      old_line: kind === 'added' ? null : before++,
      new_line: kind === 'removed' ? null : after++,
    })
  }
  return { hunks, cut: false }
}

/** null for output that is not a line of the file: the end, “No newline at end of file”. */
function kindOf(line: string): DiffLine['kind'] | null {
  if (line.startsWith('+')) return 'added'
  if (line.startsWith('-')) return 'removed'
  return line.startsWith(' ') ? 'context' : null
}

/** @returns a line as diffs show it: without a carriage return, cut when it is very long */
export function shorten(text: string): string {
  const clean = text.endsWith('\r') ? text.slice(0, -1) : text
  return clean.length > LONGEST_LINE ? `${clean.slice(0, LONGEST_LINE)}…` : clean
}

/**
 * An untracked file, shown as if it had been added.
 *
 * @param content null for a binary file, or one too large to show
 */
export function patchOfNewFile(
  content: string | null,
  budget: LineBudget,
): FilePatch & { additions: number | null } {
  if (content === null) return { change: 'added', binary: true, hunks: [], cut: false, additions: null }
  const lines = content.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const body = ['@@ -0,0 +1 @@', ...lines.map((line) => `+${line}`)]
  const { hunks, cut } = lines.length === 0 ? { hunks: [], cut: false } : parseHunks(body, budget)
  return { change: 'added', binary: false, hunks, cut, additions: lines.length }
}
