import type { Profile } from '../../../contract/index.ts'
import { type AgentEnding, agentEnding } from '../../../formats/agent-ending.ts'
import type { AgentFormat, ContextUse, Usage } from '../../../formats/agent-format.ts'
import { AGENT_FORMATS } from '../../../formats/agent-formats.ts'
import { clipLine, toPlainLines } from '../../../formats/controls.ts'
import { type Json, parseObject } from '../../../formats/json.ts'
import type { LogPart } from '../../../formats/log-part.ts'
import { lastLine, lastLines, tailLog, unreadableLog } from './log-file.ts'

/** What the log of a worker says to people, whether it is plain text or the events of an agent. */
export interface AgentOutput {
  usage: Usage | null
  /** How much of its context it uses; null when it does not say. */
  context: ContextUse | null
  /** Its last message, in full; for plain text the last line. For a successful run never an error. */
  said: string | null
  /** How the agent says that it ended; null for plain text, or if the log has none of its events. */
  ending: AgentEnding | null
  /** Whether its agent did anything: asked its model, called a tool. False for plain text. */
  hasWorked: boolean
  /**
   * The last lines that are not events of the agent: all of them for plain text, else only those after its last
   * event.
   */
  plain: string[]
  /** The last lines that hold text, each at most 1,000 characters. */
  lines: string[]
}

/** What a plain text does not say. */
export const NOTHING = { usage: null, context: null, ending: null, hasWorked: false }

/** An agent's last events, some of them long lines, lie within this distance of the end of its log. */
const TAIL_BYTES = 1024 * 1024
/** The same for a caller that reads every few seconds. */
const GLANCE_BYTES = 64 * 1024
const LINE_CHARS = 1_000

/**
 * Never rejects. For an unreadable log the output says so instead, because a run must not stay open for it.
 *
 * @param parser the agent whose events the log holds; with `none` it is plain text
 * @param count the most lines to return
 */
export async function readAgentOutput(
  parser: Profile['usage_parser'],
  logPath: string,
  count: number,
): Promise<AgentOutput> {
  try {
    return await readOutput(parser, logPath, count)
  } catch (error) {
    const said = unreadableLog(error)
    return { ...NOTHING, said, lines: [said], plain: [said] }
  }
}

async function readOutput(
  parser: Profile['usage_parser'],
  logPath: string,
  count: number,
): Promise<AgentOutput> {
  if (parser === 'none') return readPlainOutput(logPath, count)
  const { bytes } = await tailLog(logPath, TAIL_BYTES)
  const output = parseAgentOutput(parser, bytes.toString('utf8'), count)
  if (output.lines.length > 0) return output
  const { said, lines } = await readPlainOutput(logPath, count)
  return { ...output, said, lines }
}

async function readPlainOutput(logPath: string, count: number): Promise<AgentOutput> {
  const lines = await lastLines(logPath, count)
  const plain = lines.filter((line) => line.trim() !== '')
  return { ...NOTHING, said: await lastLine(logPath), lines, plain }
}

/** What the end of a worker's log says. */
export interface Glance {
  /** Its last message, on one line of at most 500 characters; null when there is none. */
  words: string | null
  /** How much of its context the agent uses; null when it does not say. */
  context: ContextUse | null
}

/** Cheap. Never rejects. */
export async function glanceAt(parser: Profile['usage_parser'], logPath: string): Promise<Glance> {
  try {
    return await readGlance(parser, logPath)
  } catch (error) {
    return { words: unreadableLog(error), context: null }
  }
}

async function readGlance(parser: Profile['usage_parser'], logPath: string): Promise<Glance> {
  if (parser === 'none') return { words: await lastLine(logPath), context: null }
  const { bytes } = await tailLog(logPath, GLANCE_BYTES)
  const { context, said } = parseAgentOutput(parser, bytes.toString('utf8'), 1)
  const words = said === null ? await lastLine(logPath) : clipLine(said.replace(/\s+/g, ' '), 500)
  return { words, context }
}

/**
 * @param text the end of a log, beginning at the start of a line
 * @param count the most lines to return
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
  let plain: string[] = []
  for (const line of toPlainLines(text)) {
    const event = parseObject(line)
    if (event !== null) plain = []
    else if (line.trim() !== '') plain.push(line)
    const words: Words | null = event === null ? { text: line } : wordsOf(format.parts(event))
    if (event !== null) events.push(event)
    before = words === null ? null : addWords(pieces, before, words, event !== null)
  }
  const lines = pieces.flatMap((piece) => piece.text.split('\n')).filter((line) => line.trim() !== '')
  const ending = agentEnding(format, events)
  const clipped = (all: readonly string[]) => all.slice(-count).map((line) => clipLine(line, LINE_CHARS))
  return {
    usage: format.usage(events),
    context: events.flatMap((event) => format.context?.(event) ?? []).at(-1) ?? null,
    said: lastSaid(pieces, ending) ?? lines.at(-1)?.trim() ?? null,
    ending,
    hasWorked: events.some((event) => hasWorked(format, event)),
    lines: clipped(lines),
    plain: clipped(plain),
  }
}

/** Start events do not count as work: an agent writes them even if it then cannot find its session. */
function hasWorked(format: AgentFormat, event: Json): boolean {
  const kind = format.signal(event)?.kind
  return kind === 'success' || (kind === 'working' && format.parts(event)[0]?.kind !== 'start')
}

/** An error that the agent recovered from may be logged after the answer; a successful run must not show it. */
function lastSaid(pieces: readonly Piece[], ending: AgentEnding | null): string | null {
  const said = pieces.filter(({ isSaid }) => isSaid)
  const answers = ending?.kind === 'success' ? said.filter(({ isError }) => !isError) : []
  return (answers.at(-1) ?? said.at(-1))?.text.trim() ?? null
}

/** A text that an agent addresses to people: an answer, an error. */
interface Words {
  text: string
  /** It continues the text of the line before. */
  continues?: boolean
  isError?: boolean
}

/** @returns null for an event without text for people: a tool call, its result, the start of a turn */
function wordsOf(parts: readonly LogPart[]): Words | null {
  const said = parts.filter((part) => part.kind === 'said' || part.kind === 'error')
  const [first] = said
  if (first === undefined) return null
  return {
    text: said.map(({ text }) => text).join('\n'),
    continues: first.kind === 'said' && first.continues === true,
    isError: said.every(({ kind }) => kind === 'error'),
  }
}

interface Piece {
  text: string
  /** True for an event of the agent, false for a line of plain text. */
  isSaid: boolean
  isError: boolean
}

/** @returns the piece that the next words may continue */
function addWords(pieces: Piece[], before: Piece | null, words: Words, isSaid: boolean): Piece | null {
  if (words.continues === true && before?.isSaid === true) {
    before.text += words.text
    return before
  }
  // The final event often repeats the last message.
  if (words.text.trim() === '' || words.text === pieces.at(-1)?.text) return before
  const piece = { text: words.text, isSaid, isError: words.isError === true }
  pieces.push(piece)
  return piece
}
