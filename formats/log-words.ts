import { count, thousands } from './count.ts'
import type { LogEvent } from './log-line.ts'
import type { Decision, Level, LogDiff, LogPart } from './log-part.ts'

/** How prominent a piece of text is, and what its colour means. */
export type Tone = 'plain' | 'dim' | 'strong' | 'call' | 'good' | 'warn' | 'bad' | 'added' | 'removed'

export interface Segment {
  text: string
  tone: Tone
}

/** How much is shown of a text that is usually too long to read: a result, a prompt. */
const FIRST_LINES = 3
const FIRST_CHARS = 400
/** How many lines of the changes of a tool call are shown. */
const FIRST_DIFF_LINES = 16

const LEVEL_TONES: Readonly<Record<Level, Tone>> = {
  trace: 'dim',
  debug: 'dim',
  info: 'good',
  warn: 'warn',
  error: 'bad',
  fatal: 'bad',
}

const segment = (text: string, tone: Tone = 'plain'): Segment => ({ text, tone })

/** Indents the lines after the first. */
function indented(text: string, by: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(by)}`)
}

/** @returns the start of a text, and how much was left out, or null */
function cut(text: string): { start: string; more: string | null } {
  // Not `\s+$`: it would try again from each blank of a long text.
  const whole = text.trimEnd().replace(/^(?:[ \t]*\r?\n)+/, '')
  const lines = whole.split('\n')
  const shown = lines.slice(0, FIRST_LINES).join('\n')
  const hidden = lines.length - FIRST_LINES
  if (shown.length > FIRST_CHARS) {
    const rest = whole.length - FIRST_CHARS
    return { start: shown.slice(0, FIRST_CHARS), more: `… ${thousands(rest)} more characters` }
  }
  if (hidden <= 0) return { start: shown, more: null }
  return { start: shown, more: `… ${count(hidden, 'more line')}` }
}

function cutSegments(text: string, tone: Tone, indent: number): Segment[] {
  const { start, more } = cut(text)
  const end = more === null ? [] : [segment(`\n${' '.repeat(indent)}${more}`, 'dim')]
  return [segment(indented(start, indent), tone), ...end]
}

function diffLines(diffs: readonly LogDiff[]): Segment[] {
  const marked = (text: string, mark: string, tone: Tone) =>
    text === '' ? [] : text.split('\n').map((line) => segment(mark + line, tone))
  return diffs.flatMap(({ path, removed, added }) => [
    segment(path),
    ...marked(removed, '-', 'removed'),
    ...marked(added, '+', 'added'),
  ])
}

function diffSegments(diffs: readonly LogDiff[], indent: number): Segment[] {
  const lines = diffLines(diffs)
  const hidden = lines.length - FIRST_DIFF_LINES
  const more = hidden <= 0 ? [] : [segment(`… ${count(hidden, 'more line')}`, 'dim')]
  return [...lines.slice(0, FIRST_DIFF_LINES), ...more].flatMap((line, index) =>
    index === 0 ? [line] : [segment(`\n${' '.repeat(indent)}`), line],
  )
}

function resultSegments({ ok, text, diffs = [] }: Extract<LogPart, { kind: 'result' }>): Segment[] {
  const mark = ok ? segment('  ✓ ', 'good') : segment('  ✗ ', 'bad')
  const isEmpty = text.trim() === ''
  if (isEmpty && diffs.length > 0) return [mark, ...diffSegments(diffs, 4)]
  const words = isEmpty
    ? [segment(ok ? 'no output' : 'failed, no output', 'dim')]
    : cutSegments(text, ok ? 'dim' : 'bad', 4)
  const changes = diffs.length === 0 ? [] : [segment('\n    '), ...diffSegments(diffs, 4)]
  return [mark, ...words, ...changes]
}

const DECISION_WORDS: Readonly<Record<Decision, { mark: string; tone: Tone; words: string }>> = {
  asked: { mark: '? ', tone: 'warn', words: 'Asks' },
  allowed: { mark: '✓ ', tone: 'good', words: 'Allowed' },
  refused: { mark: '✗ ', tone: 'bad', words: 'Refused' },
  answered: { mark: '✓ ', tone: 'good', words: 'Answered' },
  withdrawn: { mark: '· ', tone: 'dim', words: 'Withdrawn' },
}

function questionSegments({ decision, title, why }: Extract<LogPart, { kind: 'question' }>): Segment[] {
  const { mark, tone, words } = DECISION_WORDS[decision]
  const reason = why.trim() === '' ? [] : cutSegments(why, 'plain', 2)
  return [
    segment(mark, tone),
    segment(words, 'strong'),
    segment(`  ${title}`),
    ...(reason.length === 0 ? [] : [segment('\n  ↳ ', 'dim'), ...reason]),
  ]
}

/** @returns a part in words and marks; the tones add no information of their own */
export function partSegments(part: LogPart): Segment[] {
  switch (part.kind) {
    case 'asked':
      return [segment('> ', 'dim'), ...cutSegments(part.text, 'dim', 2)]
    case 'told':
      return [
        segment('» ', 'call'),
        ...cutSegments(part.text, 'plain', 2),
        ...(part.how === '' ? [] : [segment(` · delivered ${part.how}`, 'dim')]),
      ]
    case 'question':
      return questionSegments(part)
    case 'said':
      return [segment(part.text.trimEnd())]
    case 'thinking':
      return [segment('~ ', 'dim'), segment(indented(part.text.trim(), 2), 'dim')]
    case 'call':
      return [
        segment('● ', 'call'),
        segment(part.name, 'strong'),
        ...(part.text === '' ? [] : [segment(`  ${part.text}`)]),
      ]
    case 'result':
      return resultSegments(part)
    case 'error':
      return [segment('✗ ', 'bad'), segment(indented(part.text.trim(), 2), 'bad')]
    case 'start':
      return [segment('▸ ', 'good'), segment('Started', 'strong'), segment(facts(part.facts), 'dim')]
    case 'end':
      return [
        segment('■ ', part.ok ? 'good' : 'bad'),
        segment(part.ok ? 'Finished' : 'Failed', 'strong'),
        segment(facts(part.facts), 'dim'),
      ]
    case 'record': {
      const tone = LEVEL_TONES[part.level]
      const rest = part.rest === '' ? [] : [segment(`  ${part.rest}`, 'dim')]
      return [segment(part.level.toUpperCase().padEnd(6), tone), segment(indented(part.message, 6)), ...rest]
    }
    case 'other':
      return [segment(`· ${[part.name, part.text].filter((text) => text !== '').join(' ')}`, 'dim')]
  }
}

function facts(known: readonly string[]): string {
  return known
    .filter((fact) => fact !== '')
    .map((fact) => ` · ${fact}`)
    .join('')
}

/** Marks each line of a subagent. */
const NESTED = '┆ '

/** @returns the words of an event, one line per part */
export function eventSegments({ parts, isNested }: Pick<LogEvent, 'parts' | 'isNested'>): Segment[] {
  const flat = parts.flatMap((part, index) => [
    ...(index === 0 ? [] : [segment('\n')]),
    ...partSegments(part),
  ])
  if (!isNested || flat.length === 0) return flat
  return [
    segment(NESTED, 'dim'),
    ...flat.map(({ text, tone }) => segment(text.replaceAll('\n', `\n${NESTED}`), tone)),
  ]
}

/** @returns the words of an event as plain text; colours that the worker set stay in it */
export function eventText(event: Pick<LogEvent, 'parts' | 'isNested'>): string {
  return eventSegments(event)
    .map(({ text }) => text)
    .join('')
}

/** @returns the full texts of an event that are otherwise shown cut */
export function cutTexts({ parts }: Pick<LogEvent, 'parts'>): string[] {
  return parts.flatMap((part) => {
    const diffs = part.kind === 'result' ? diffLines(part.diffs ?? []) : []
    return [
      ...longTexts(part).filter((text) => cut(text).more !== null),
      ...(diffs.length > FIRST_DIFF_LINES ? [diffs.map(({ text }) => text).join('\n')] : []),
    ].map((text) => text.trimEnd())
  })
}

function longTexts(part: LogPart): string[] {
  if (part.kind === 'question') return [part.why]
  return part.kind === 'result' || part.kind === 'asked' || part.kind === 'told' ? [part.text] : []
}
