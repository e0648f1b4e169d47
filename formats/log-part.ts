import { count, thousands } from './count.ts'
import { type Json, numberOrNull, object, objects, parseObject, textOrNull, word } from './json.ts'
import { duration } from './time.ts'

/** What a reader of a log needs from one event. An event may have several parts. */
export type LogPart =
  /** The prompt. */
  | { kind: 'asked'; text: string }
  /**
   * Text of the agent. `continues`: it continues the text of the event before. `again`: an earlier event has most
   * likely said it.
   */
  | { kind: 'said'; text: string; continues?: boolean; again?: boolean }
  | { kind: 'thinking'; text: string }
  /** A tool call with its subject: the command, the path, the pattern. */
  | { kind: 'call'; name: string; text: string }
  | { kind: 'result'; ok: boolean; text: string }
  | { kind: 'error'; text: string; again?: boolean }
  /** The start and the end of an agent: facts, shown side by side. */
  | { kind: 'start'; facts: string[] }
  | { kind: 'end'; ok: boolean; facts: string[] }
  /** A line of a program’s log. */
  | { kind: 'record'; level: Level; message: string; rest: string }
  /** Anything else: its type and its content, cut. */
  | { kind: 'other'; name: string; text: string }

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

const LONGEST_ESSENCE = 300
const LONGEST_CUT = 200

/** @returns a text as one line of at most `limit` characters */
export function onOneLine(text: string, limit: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line
}

/** @returns the JSON of a value on one line, cut; empty for an empty object */
export function cutJson(value: Json): string {
  const text = JSON.stringify(value)
  return text === '{}' ? '' : onOneLine(text, LONGEST_CUT)
}

/** @returns the part for an event that no format knows, or that says little to a reader */
export function otherEvent(event: Json, name: string, without: readonly string[] = []): LogPart {
  const rest = Object.entries(event).filter(([key]) => key !== 'type' && !without.includes(key))
  return { kind: 'other', name, text: cutJson(Object.fromEntries(rest)) }
}

/** Fields of a tool’s input that describe the call by themselves, the most descriptive first. */
const TELLING = [
  ...['command', 'cmd', 'file_path', 'filePath', 'absolute_path', 'notebook_path', 'dir_path', 'path'],
  ...['query', 'url', 'skill', 'description', 'summary', 'title', 'question', 'reason', 'prompt', 'note'],
]

/** @returns the subject of a tool call on one line: the first line of the command, the path, the pattern */
export function essence(input: Json): string {
  const pattern = textOrNull(input['pattern'])
  if (pattern !== null) {
    const where = textOrNull(input['path']) ?? textOrNull(input['dir_path'])
    return onOneLine(where === null ? pattern : `${pattern} in ${where}`, LONGEST_ESSENCE)
  }
  for (const key of TELLING) {
    const value = input[key]
    const text = Array.isArray(value) ? value.filter((word) => typeof word === 'string').join(' ') : value
    const telling = textOrNull(text)
    if (telling !== null) return firstLine(telling)
  }
  const plan = planWords(input['todos'] ?? input['plan'])
  return plan === '' ? cutJson(input) : plan
}

/** @returns the steps of a plan, each with its state; empty when the value is not a plan */
export function planWords(steps: unknown): string {
  const words = objects(steps).map((step) => {
    const text = textOrNull(step['content'] ?? step['step'] ?? step['text'] ?? step['description'])
    if (text === null) return null
    if (step['status'] === 'completed' || step['completed'] === true) return `☑ ${text}`
    return `${step['status'] === 'in_progress' ? '▸' : '☐'} ${text}`
  })
  const known = words.filter((text) => text !== null)
  return onOneLine(known.join('  '), LONGEST_ESSENCE)
}

function firstLine(text: string): string {
  const [first = '', ...more] = text.trim().split('\n')
  const line = onOneLine(first, LONGEST_ESSENCE)
  return more.length === 0 || line.endsWith('…') ? line : `${line} …`
}

/** @returns the text of a list of content blocks (as in the APIs of models and in MCP), or of a plain string */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  return objects(content)
    .map((block) => (typeof block['text'] === 'string' ? block['text'] : `[${word(block['type'])}]`))
    .join('\n')
}

/** The facts that agents report when they end; null and 0 are left out. */
export function endFacts(told: {
  turns?: unknown
  cost?: unknown
  tokens?: unknown
  duration_ms?: unknown
}): string[] {
  const { turns, cost, tokens, duration_ms } = told
  const fact = (value: unknown, words: (known: number) => string) => {
    const known = numberOrNull(value)
    return known === null || known === 0 ? [] : [words(known)]
  }
  return [
    ...fact(turns, (known) => count(known, 'turn')),
    ...fact(tokens, (known) => `${thousands(known)} tokens`),
    ...fact(cost, (dollars) => `$${dollars.toFixed(dollars < 0.01 ? 4 : 2)}`),
    ...fact(duration_ms, duration),
  ]
}

/** @returns the message of an error that is a string, or an object with a message */
export function errorMessage(error: unknown): string | null {
  const known = object(error)
  return textOrNull(error) ?? textOrNull(known['message']) ?? textOrNull(object(known['data'])['message'])
}

/** @returns as `errorMessage`; if the message is itself the JSON answer of a server, the message in that answer */
export function innerMessage(error: unknown): string | null {
  const message = errorMessage(error)
  const answer = message === null ? null : parseObject(message.trim())
  if (answer === null) return message
  return errorMessage(answer['error']) ?? errorMessage(answer) ?? message
}
