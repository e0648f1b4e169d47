import { type Json, object, textOrNull } from '../../formats/json.ts'
import type { BoardLink } from './board-link.ts'
import type { Reporter } from './reporter.ts'

/** Answers `elicitation/create`: the agent, or an MCP server of it, wants a form filled in. */
export async function answerElicitation(
  params: Json,
  { board, reporter, signal }: { board: BoardLink; reporter: Reporter; signal: AbortSignal },
): Promise<Json> {
  // Opening a page for an agent is not offered, so it is not asked for either.
  if (params['mode'] !== 'form') return { action: 'decline' }
  const title = textOrNull(params['message']) ?? 'The agent asks for some values'
  reporter.line({ acp: 'permission', title, decision: 'asked', why: '' })
  const answer = await board.fillIn(title, object(params['requestedSchema']), signal)
  const why = answer.kind === 'withdrawn' ? answer.why : ''
  reporter.line({ acp: 'permission', title, decision: answer.kind, why })
  return answer.kind === 'answered' ? { action: 'accept', content: answer.form } : { action: 'cancel' }
}
