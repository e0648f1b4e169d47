import { AGENT_FORMATS } from './agent-formats.ts'
import { type Json, parseObject, word } from './json.ts'
import { type LogPart, otherEvent, type PlanStep, withAnswer } from './log-part.ts'
import { recordPart } from './records.ts'

/** A log line with a JSON object that says what it is. */
export interface LogEvent {
  parts: LogPart[]
  json: Json
  /** Written by a subagent that another agent started. */
  isNested: boolean
  /** A format knows the event. Of an unknown one we show only the type and the start of its content. */
  known: boolean
}

/**
 * The line itself shows which agent wrote it. The profile cannot: it may have been removed, and a script may start two
 * agents.
 *
 * @param line without colours and line break
 * @returns null for a line to show unchanged
 */
export function readLogLine(line: string): LogEvent | null {
  const json = parseObject(line)
  if (json === null) return null
  const format = Object.values(AGENT_FORMATS).find(({ owns }) => owns(json))
  if (format !== undefined) {
    const told = format.parts(json)
    const parts = told.length > 0 ? told : [otherEvent(json, word(json['type']))]
    return { parts: parts.map(withAnswer), json, isNested: isNested(json), known: true }
  }
  const record = recordPart(json)
  if (record !== null) return { parts: [record], json, isNested: false, known: true }
  const { type } = json
  if (typeof type !== 'string') return null
  return { parts: [otherEvent(json, type)], json, isNested: false, known: false }
}

/** The field that Claude Code sets. */
function isNested({ parent_tool_use_id }: Json): boolean {
  return typeof parent_tool_use_id === 'string'
}

const PIECE_START = '{"type":"message",'
const PIECE_END = '"delta":true}'

/**
 * Gemini CLI writes a text in pieces; consecutive pieces form one text. This runs on each line of a log, so it does not
 * parse: the tool always writes its fields in the same order.
 */
export function isPiece(line: string): boolean {
  return line.startsWith(PIECE_START) && line.trimEnd().endsWith(PIECE_END)
}

/** @returns consecutive pieces joined into one event */
export function joinPieces(events: readonly LogEvent[]): LogEvent | null {
  const [first] = events
  if (first === undefined) return null
  const texts = events.flatMap(({ parts }) => parts.map((part) => (part.kind === 'said' ? part.text : '')))
  return { ...first, parts: [{ kind: 'said', text: texts.join('') }] }
}

const QUESTION_START = '{"acp":"permission",'

/** @returns the question that a line of the bridge asks, or whose answer it has; null for any other line */
function questionIn(line: string): { title: string; isAsked: boolean } | null {
  if (!line.startsWith(QUESTION_START)) return null
  const [part] = readLogLine(line.trimEnd())?.parts ?? []
  return part?.kind === 'question' ? { title: part.title, isAsked: part.decision === 'asked' } : null
}

/** @returns whether a line has the answer to the question in the line before it */
export function isAnswer(line: string, before: string): boolean {
  const question = questionIn(before)
  const answer = questionIn(line)
  if (question === null || answer === null) return false
  return question.isAsked && !answer.isAsked && question.title === answer.title
}

/** What a line with a plan contains, in the formats of all agents. Runs on each line of a log, so it does not parse. */
const PLAN_MARKS = ['{"acp":"plan",', '"todo_list"', '"todos":[', '"plan":[']

/** @returns the plan that a line of an agent sets; null for any other line, and for the plan of a subagent */
export function planOf(line: string): PlanStep[] | null {
  if (!line.startsWith('{') || !PLAN_MARKS.some((mark) => line.includes(mark))) return null
  const event = readLogLine(line.trimEnd())
  if (event === null || event.isNested) return null
  const plans = event.parts.flatMap((part) =>
    part.kind === 'call' && part.plan !== undefined ? [part.plan] : [],
  )
  return plans.at(-1) ?? null
}

/**
 * @param event may repeat earlier text
 * @param before the events right before it, newest last
 * @returns the event without the text that they already contain
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

/** How many earlier events are searched for a text that this one repeats. */
export const REPEATS_WITHIN = 4

/** @returns whether a part of the event may repeat an earlier one */
export function mayRepeat(event: LogEvent): boolean {
  return event.parts.some((part) => 'again' in part && part.again === true)
}

/** @returns how the event relates to a failure: an error or failed end, a failed call, or null */
export function failureIn(event: LogEvent): 'end' | 'call' | null {
  const { parts } = event
  const isEnd = (part: LogPart) =>
    part.kind === 'error' ||
    (part.kind === 'end' && !part.ok) ||
    (part.kind === 'record' && (part.level === 'error' || part.level === 'fatal'))
  if (parts.some(isEnd)) return 'end'
  return parts.some((part) => part.kind === 'result' && !part.ok) ? 'call' : null
}
