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
