import type { AcpLine } from '../../formats/acp-lines.ts'
import { type Json, numberOrNull, object, textOrNull, word } from '../../formats/json.ts'
import type { AgentEnd } from './agent-process.ts'
import type { AgentRefusal } from './connection.ts'

type ErrorLine = Extract<AcpLine, { acp: 'error' }>

/** The error code of agents when nobody has logged in. */
const LOGIN = -32000

/** The kinds of errors of Claude Code's adapter that are limits. */
const LIMIT_KINDS = ['rate_limit', 'rate_limit_error', 'usage_limit', 'overloaded']

/** @returns the line for an error that ends the run */
export function errorLine(message: string, more: Partial<ErrorLine> = {}): ErrorLine {
  return {
    acp: 'error',
    message: message.slice(0, 4_000),
    code: null,
    rate_limit: null,
    resets_at: null,
    details: null,
    final: true,
    ...more,
  }
}

/** @returns the line for an answer of the agent that is an error */
export function refusalLine(error: AgentRefusal): ErrorLine {
  const { code, data } = error
  const kind = textOrNull(data['errorKind'])
  const inner = textOrNull(object(data['error'])['message']) ?? textOrNull(data['details'])
  const message =
    inner === null || error.message.includes(inner) ? error.message : `${error.message}: ${inner}`
  const login = code === LOGIN ? ' Log in with the agent’s own command.' : ''
  const resets = numberOrNull(data['resetsAt'])
  return errorLine(`${message}${login}`, {
    code: kind ?? String(code),
    rate_limit: kind === null ? null : LIMIT_KINDS.includes(kind) ? true : null,
    resets_at: resets === null ? null : resets < 1e12 ? resets * 1000 : resets,
    details: Object.keys(data).length === 0 ? null : JSON.stringify(data).slice(0, 4_000),
  })
}

/** @returns the line for an agent whose process ended before it finished its work */
export function goneLine(
  { code, signal, problem }: AgentEnd,
  when: string,
  lastLine: string | null,
): ErrorLine {
  if (problem !== null) return errorLine(`The agent could not be started: ${problem}`)
  const how = signal === null ? `with exit code ${code ?? 'unknown'}` : `by ${signal}`
  const last = lastLine === null ? '' : `: ${lastLine.slice(0, 1_000)}`
  return errorLine(`The agent ended ${when}, ${how}${last}`)
}

/**
 * Codex ends a failed turn like any other, and reports the failure only in the state of its thread.
 *
 * @returns the failure, 'recovered' when the thread continues, or null for an update that does not say
 */
export function threadFailure(update: Json): { message: string } | 'recovered' | null {
  if (update['sessionUpdate'] !== 'session_info_update') return null
  const status = object(object(object(update['_meta'])['codex'])['threadStatus'])
  const type = textOrNull(status['type'])
  if (type === null) return null
  if (type !== 'systemError') return 'recovered'
  const message = textOrNull(status['message']) ?? textOrNull(object(status['error'])['message'])
  return { message: message ?? `Codex reports ${word(type)}` }
}
