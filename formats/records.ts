import { type Json, object, textOrNull, word } from './json.ts'
import { cutJson, type Level, type LogPart, onOneLine } from './log-part.ts'

// Lines of programs that log one JSON object per line: pino and bunyan (numeric levels, `msg`), zap, slog and logrus
// (`level`, `msg`), winston (`level`, `message`), Google’s (`severity`, `message`), structlog (`level`, `event`).

/** The lowest number of each level in pino and bunyan; a number in between belongs to the level below. */
const LEVELS_FROM: readonly [number, Level][] = [
  [60, 'fatal'],
  [50, 'error'],
  [40, 'warn'],
  [30, 'info'],
  [20, 'debug'],
  [10, 'trace'],
]

const LEVEL_NAMES: ReadonlyMap<string, Level> = new Map([
  ['silly', 'trace'],
  ['trace', 'trace'],
  ['verbose', 'debug'],
  ['debug', 'debug'],
  ['default', 'info'],
  ['http', 'info'],
  ['info', 'info'],
  ['notice', 'info'],
  ['warn', 'warn'],
  ['warning', 'warn'],
  ['err', 'error'],
  ['error', 'error'],
  ['crit', 'fatal'],
  ['critical', 'fatal'],
  ['alert', 'fatal'],
  ['emergency', 'fatal'],
  ['dpanic', 'fatal'],
  ['panic', 'fatal'],
  ['fatal', 'fatal'],
])

const LEVEL_KEYS = ['level', 'severity', 'lvl']
const MESSAGE_KEYS = ['msg', 'message', 'event']
/** Time and place of the line: the log has its own times, and its machine is known. */
const LEFT_OUT = ['time', 'ts', 'timestamp', '@timestamp', '@version', 'pid', 'hostname', 'v']

function levelOf(value: unknown): Level | null {
  if (typeof value === 'number') return LEVELS_FROM.find(([from]) => value >= from)?.[1] ?? null
  return typeof value === 'string' ? (LEVEL_NAMES.get(value.toLowerCase()) ?? null) : null
}

/** @returns the object as a log line of a program; null for any other object */
export function recordPart(line: Json): LogPart | null {
  const levelKey = LEVEL_KEYS.find((key) => levelOf(line[key]) !== null)
  const messageKey = MESSAGE_KEYS.find((key) => textOrNull(line[key]) !== null)
  if (levelKey === undefined || messageKey === undefined) return null
  const level = levelOf(line[levelKey]) ?? 'info'
  const told = [levelKey, messageKey, ...LEFT_OUT]
  const rest = Object.entries(line).filter(([key]) => !told.includes(key))
  const words = rest.map(([key, value]) => `${key}=${valueWords(value)}`)
  return { kind: 'record', level, message: word(line[messageKey]), rest: onOneLine(words.join(' '), 300) }
}

function valueWords(value: unknown): string {
  if (typeof value === 'string') return onOneLine(value, 120)
  const error = textOrNull(object(value)['message'])
  if (error !== null) return JSON.stringify(onOneLine(error, 120))
  return typeof value === 'object' && value !== null ? cutJson(value as Json) || '{}' : word(value)
}
