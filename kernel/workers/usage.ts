import type { Profile } from '../../contract/index.ts'
import { tailLog } from './log-file.ts'

/** What a tool says of itself at its end. */
export interface Usage {
  input_tokens: number | null
  cached_input_tokens: number | null
  output_tokens: number | null
  /** In US dollars, where the tool tells. */
  cost_usd: number | null
  turns: number | null
}

type Json = Record<string, unknown>

/** The result of an agent is one line, and a long one: this much of the end of a log holds it. */
const TAIL_BYTES = 1024 * 1024

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

/** The lines of a log's end that are JSON objects. */
function jsonLines(text: string): Json[] {
  return text.split('\n').flatMap((line) => {
    const trimmed = line.trim()
    if (!trimmed.startsWith('{')) return []
    try {
      return [object(JSON.parse(trimmed))]
    } catch {
      // Other output may begin like an object; it is not ours to complain about.
      return []
    }
  })
}

/** `claude -p --output-format json` ends with one object of type `result` (docs.claude.com, headless mode). */
function claudeUsage(lines: readonly Json[]): Usage | null {
  const result = lines.filter((line) => line['type'] === 'result').pop()
  if (result === undefined) return null
  const usage = object(result['usage'])
  return {
    input_tokens: numberOrNull(usage['input_tokens']),
    cached_input_tokens: numberOrNull(usage['cache_read_input_tokens']),
    output_tokens: numberOrNull(usage['output_tokens']),
    cost_usd: numberOrNull(result['total_cost_usd']),
    turns: numberOrNull(result['num_turns']),
  }
}

/** `codex exec --json` writes a `turn.completed` with the usage of each turn (developers.openai.com/codex/noninteractive). */
function codexUsage(lines: readonly Json[]): Usage | null {
  const turns = lines.filter((line) => line['type'] === 'turn.completed').map((line) => object(line['usage']))
  if (turns.length === 0) return null
  const sum = (key: string) => turns.reduce((total, usage) => total + (numberOrNull(usage[key]) ?? 0), 0)
  return {
    input_tokens: sum('input_tokens'),
    cached_input_tokens: sum('cached_input_tokens'),
    output_tokens: sum('output_tokens'),
    cost_usd: null,
    turns: turns.length,
  }
}

/**
 * Reads what a tool said of its use of tokens and money.
 *
 * @param text the end of its log
 * @returns null where it said nothing
 */
export function parseUsage(parser: Profile['usage_parser'], text: string): Usage | null {
  if (parser === 'none') return null
  const lines = jsonLines(text)
  return parser === 'claude-json' ? claudeUsage(lines) : codexUsage(lines)
}

/** As `parseUsage`, from the log of a run. */
export async function readUsage(parser: Profile['usage_parser'], logPath: string): Promise<Usage | null> {
  if (parser === 'none') return null
  const { bytes } = await tailLog(logPath, TAIL_BYTES)
  return parseUsage(parser, bytes.toString('utf8'))
}

/** When a tool says that its limit resets at a point in time: `resets at 1767225600`, `…|1767225600`, or ISO 8601. */
const RESET_PATTERNS = [
  /(?:reset[s]?(?: at)?|\|)\s*:?\s*(\d{10})\b/i,
  /reset[s]?(?: at)?\s*:?\s*(\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2}))/i,
]
const RETRY_AFTER =
  /(?:retry|try again)[ -](?:after|in)\s*:?\s*(\d+(?:\.\d+)?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?)?\b/i
const LONGEST_RESET_MS = 7 * 86_400_000

/**
 * Finds out when a rate limit ends, where the tool printed it.
 *
 * @param lines the end of its output
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch, within the next seven days; null when it is not said
 */
export function parseReset(lines: readonly string[], now: number): number | null {
  for (const line of [...lines].reverse()) {
    const at = resetIn(line, now)
    if (at !== null && at > now && at < now + LONGEST_RESET_MS) return at
  }
  return null
}

function resetIn(line: string, now: number): number | null {
  for (const pattern of RESET_PATTERNS) {
    const found = pattern.exec(line)?.[1]
    if (found === undefined) continue
    return /^\d{10}$/.test(found) ? Number(found) * 1000 : Date.parse(found)
  }
  const after = RETRY_AFTER.exec(line)
  if (after === null) return null
  const unit = (after[2] ?? 's')[0] ?? 's'
  const seconds = { s: 1, m: 60, h: 3600 }[unit] ?? 1
  return now + Number(after[1]) * seconds * 1000
}
