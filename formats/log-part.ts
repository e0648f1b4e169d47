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
  /** A message of a person, and how the agent got it. */
  | { kind: 'told'; text: string; how: string }
  /** A tool call with its subject: the command, the path, the pattern. `plan`: it sets the plan of the agent. */
  | { kind: 'call'; name: string; text: string; plan?: PlanStep[] }
  | { kind: 'result'; ok: boolean; text: string; diffs?: LogDiff[] }
  /** What an agent asks a person, and how that was settled; `asked`: it waits for the answer. */
  | { kind: 'question'; title: string; decision: Decision; why: string }
  | { kind: 'error'; text: string; again?: boolean }
  /** The start and the end of an agent: facts, shown side by side. */
  | { kind: 'start'; facts: string[] }
  | { kind: 'end'; ok: boolean; facts: string[] }
  /** A line of a program’s log. */
  | { kind: 'record'; level: Level; message: string; rest: string }
  /** Anything else: its type and its content, cut. */
  | { kind: 'other'; name: string; text: string }

export interface PlanStep {
  text: string
  status: 'pending' | 'in_progress' | 'completed'
}

/** The change of a file: the lines that differ. */
export interface LogDiff {
  path: string
  removed: string
  added: string
}

export const DECISIONS = ['asked', 'allowed', 'refused', 'answered', 'withdrawn'] as const
export type Decision = (typeof DECISIONS)[number]

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
  const plan = planWords(planIn(input))
  return plan === '' ? cutJson(input) : plan
}

const planIn = (input: Json) => planSteps(input['todos'] ?? input['plan'])

/** @returns the steps of a plan, in any of the forms in which agents write it; none when the value is not a plan */
function planSteps(value: unknown): PlanStep[] {
  return objects(value).flatMap((step): PlanStep[] => {
    const text = textOrNull(step['content'] ?? step['step'] ?? step['text'] ?? step['description'])
    if (text === null) return []
    const isDone = step['status'] === 'completed' || step['completed'] === true
    const isNow = step['status'] === 'in_progress'
    return [{ text, status: isDone ? 'completed' : isNow ? 'in_progress' : 'pending' }]
  })
}

const STEP_MARKS: Readonly<Record<PlanStep['status'], string>> = {
  completed: '☑',
  in_progress: '▸',
  pending: '☐',
}

function planWords(plan: readonly PlanStep[]): string {
  const words = plan.map(({ text, status }) => `${STEP_MARKS[status]} ${text}`)
  return onOneLine(words.join('  '), LONGEST_ESSENCE)
}

/** @returns the part for a plan, which agents write whole each time */
export function planPart(steps: unknown): LogPart {
  const plan = planSteps(steps)
  return { kind: 'call', name: 'plan', text: planWords(plan), plan }
}

/** @returns the part for a tool call; some agents set their plan by a tool */
export function callPart(name: string, input: Json): LogPart {
  const plan = planIn(input)
  return { kind: 'call', name, text: essence(input), ...(plan.length > 0 && { plan }) }
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

/** @returns a part; the answer to a question instead of the JSON in which our own tool `ask` returns it */
export function withAnswer(part: LogPart): LogPart {
  if (part.kind !== 'result' || !part.text.startsWith('{"question":{')) return part
  const question = object(parseObject(part.text)?.['question'])
  const answer = object(question['answer'])
  const form = object(answer['form'])
  const words = [
    textOrNull(answer['option']),
    textOrNull(answer['text']),
    Object.keys(form).length === 0 ? null : JSON.stringify(form),
  ].filter((text) => text !== null)
  if (words.length > 0) return { ...part, text: words.join(': ') }
  return question['state'] === 'withdrawn' ? { ...part, text: 'withdrawn, without an answer' } : part
}
