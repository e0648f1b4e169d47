import type { Profile } from '../../contract/index.ts'
import type { Usage } from '../../formats/agent-format.ts'
import { AGENT_FORMATS } from '../../formats/agent-formats.ts'
import { type Json, parseObject } from '../../formats/json.ts'
import type { LogPart } from '../../formats/log-part.ts'
import { clipLine, lastLine, lastLines, tailLog, toPlainLines } from './log-file.ts'

/** What the log of a worker tells people, be it plain text or the events of an agent. */
export interface AgentOutput {
  usage: Usage | null
  /** What it said last, whole; the last line of a worker that writes plain text. */
  said: string | null
  /** The last lines that say something, each at most 1,000 characters. */
  lines: string[]
}

/** An agent's last events, some of which are long lines, lie within this much of the end of its log. */
const TAIL_BYTES = 1024 * 1024
/** As above, for one who looks in every other second. */
const GLANCE_BYTES = 64 * 1024
const LINE_CHARS = 1_000

/**
 * @param parser which agent's events the log holds; with `none` it is plain text
 * @param count how many lines at most
 */
export async function readAgentOutput(
  parser: Profile['usage_parser'],
  logPath: string,
  count: number,
): Promise<AgentOutput> {
  const plain = async () => ({
    usage: null,
    said: await lastLine(logPath),
    lines: await lastLines(logPath, count),
  })
  if (parser === 'none') return plain()
  const { bytes } = await tailLog(logPath, TAIL_BYTES)
  const output = parseAgentOutput(parser, bytes.toString('utf8'), count)
  return output.lines.length === 0 ? { ...(await plain()), usage: output.usage } : output
}

/** What a worker said last, on one line of at most 500 characters; null when it has said nothing. Cheap. */
export async function lastWords(parser: Profile['usage_parser'], logPath: string): Promise<string | null> {
  if (parser !== 'none') {
    const { bytes } = await tailLog(logPath, GLANCE_BYTES)
    const { said } = parseAgentOutput(parser, bytes.toString('utf8'), 1)
    if (said !== null) return clipLine(said.replace(/\s+/g, ' '), 500)
  }
  return lastLine(logPath)
}

/**
 * @param text the end of a log, from the start of a line on
 * @param count how many lines at most
 */
export function parseAgentOutput(
  parser: Exclude<Profile['usage_parser'], 'none'>,
  text: string,
  count: number,
): AgentOutput {
  const format = AGENT_FORMATS[parser]
  const events: Json[] = []
  const pieces: Piece[] = []
  let before: Piece | null = null
  for (const line of toPlainLines(text)) {
    const event = parseObject(line)
    const words: Words | null = event === null ? { text: line } : wordsOf(format.parts(event))
    if (event !== null) events.push(event)
    before = words === null ? null : addWords(pieces, before, words, event !== null)
  }
  const lines = pieces.flatMap((piece) => piece.text.split('\n')).filter((line) => line.trim() !== '')
  return {
    usage: format.usage(events),
    said:
      pieces
        .filter(({ isSaid }) => isSaid)
        .at(-1)
        ?.text.trim() ??
      lines.at(-1)?.trim() ??
      null,
    lines: lines.slice(-count).map((line) => clipLine(line, LINE_CHARS)),
  }
}

/** Something that an agent says to people: an answer, an error. */
interface Words {
  text: string
  /** It goes on with what was said by the line before. */
  continues?: boolean
}

/** @returns null for an event that says nothing to people: a call of a tool, its result, the start of a turn */
function wordsOf(parts: readonly LogPart[]): Words | null {
  const said = parts.filter((part) => part.kind === 'said' || part.kind === 'error')
  const [first] = said
  if (first === undefined) return null
  return {
    text: said.map(({ text }) => text).join('\n'),
    continues: first.kind === 'said' && first.continues === true,
  }
}

interface Piece {
  text: string
  /** By an event of the agent; else a line of plain text. */
  isSaid: boolean
}

/** @returns the piece that the next words may go on with */
function addWords(pieces: Piece[], before: Piece | null, words: Words, isSaid: boolean): Piece | null {
  if (words.continues === true && before?.isSaid === true) {
    before.text += words.text
    return before
  }
  // What was said is often said again by the event that ends the whole.
  if (words.text.trim() === '' || words.text === pieces.at(-1)?.text) return before
  const piece = { text: words.text, isSaid }
  pieces.push(piece)
  return piece
}
