import { AGENT_FORMATS } from './agent-formats.ts'
import { type Json, parseObject, word } from './json.ts'
import { type LogPart, otherEvent } from './log-part.ts'
import { recordPart } from './records.ts'

/** A line of a log that holds a JSON object which says what it is. */
export interface LogEvent {
  parts: LogPart[]
  json: Json
  /** Of an agent that another one started. */
  isNested: boolean
  /** A format knows it; of others only the type is told, and the start of what they hold. */
  known: boolean
}

/**
 * Which agent wrote it is told by each line itself, not by a profile: a profile may be gone, and a script may start two
 * agents.
 *
 * @param line without colours and line break
 * @returns null for a line to be shown as it is written
 */
export function readLogLine(line: string): LogEvent | null {
  const json = parseObject(line)
  if (json === null) return null
  const format = Object.values(AGENT_FORMATS).find(({ owns }) => owns(json))
  if (format !== undefined) {
    const told = format.parts(json)
    const parts = told.length > 0 ? told : [otherEvent(json, word(json['type']))]
    return { parts, json, isNested: isNested(json), known: true }
  }
  const record = recordPart(json)
  if (record !== null) return { parts: [record], json, isNested: false, known: true }
  const { type } = json
  if (typeof type !== 'string') return null
  return { parts: [otherEvent(json, type)], json, isNested: false, known: false }
}

/** As Claude Code writes it. */
function isNested({ parent_tool_use_id }: Json): boolean {
  return typeof parent_tool_use_id === 'string'
}

const PIECE_START = '{"type":"message",'
const PIECE_END = '"delta":true}'

/**
 * Gemini CLI writes what it says in pieces, which are one text where they follow each other. This is asked of each line
 * of a log, so it does not parse: the tool writes its fields in one order.
 */
export function isPiece(line: string): boolean {
  return line.startsWith(PIECE_START) && line.trimEnd().endsWith(PIECE_END)
}

/** @returns one event of pieces that follow each other */
export function joinPieces(events: readonly LogEvent[]): LogEvent | null {
  const [first] = events
  if (first === undefined) return null
  const texts = events.flatMap(({ parts }) => parts.map((part) => (part.kind === 'said' ? part.text : '')))
  return { ...first, parts: [{ kind: 'said', text: texts.join('') }] }
}

/**
 * @param event one that may say again what was said
 * @param before the events right before it, the newest last
 * @returns the event without what they have said already
 */
export function withoutRepeats(event: LogEvent, before: readonly LogEvent[]): LogEvent {
  const isSaid = (text: string) =>
    before.some(({ parts }) =>
      parts.some(
        (part) => (part.kind === 'said' || part.kind === 'error') && part.text.trim() === text.trim(),
      ),
    )
  const parts = event.parts.filter(
    (part) => !((part.kind === 'said' || part.kind === 'error') && part.again === true && isSaid(part.text)),
  )
  return parts.length === event.parts.length ? event : { ...event, parts }
}

/** How many events before one are looked at for what it says again. */
export const REPEATS_WITHIN = 4

/** @returns whether a part of the event may have been said by one before it */
export function mayRepeat(event: LogEvent): boolean {
  return event.parts.some((part) => 'again' in part && part.again === true)
}

/** @returns how much an event has to do with a failure: an error or a failed end, a failed call, nothing */
export function failureIn(event: LogEvent): 'end' | 'call' | null {
  const { parts } = event
  const isEnd = (part: LogPart) =>
    part.kind === 'error' ||
    (part.kind === 'end' && !part.ok) ||
    (part.kind === 'record' && (part.level === 'error' || part.level === 'fatal'))
  if (parts.some(isEnd)) return 'end'
  return parts.some((part) => part.kind === 'result' && !part.ok) ? 'call' : null
}
