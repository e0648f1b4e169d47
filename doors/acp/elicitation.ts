import { type Json, object, textOrNull } from '../../formats/json.ts'
import { cutJson } from '../../formats/log-part.ts'
import type { BoardLink } from './board-link.ts'
import type { Reporter } from './reporter.ts'

/** Answers `elicitation/create`, by which the agent or one of its MCP servers asks a person to fill in a form. */
export async function answerElicitation(
  params: Json,
  { board, reporter, signal }: { board: BoardLink; reporter: Reporter; signal: AbortSignal },
): Promise<Json> {
  // The other mode opens a web page. `initialize` does not offer it, so agents should not ask for it.
  if (params['mode'] !== 'form') return { action: 'decline' }
  const title = textOrNull(params['message']) ?? 'The agent asks for some values'
  reporter.line({ acp: 'permission', title, decision: 'asked', why: '' })
  const answer = await board.fillIn(title, object(params['requestedSchema']), signal)
  const why = answer.kind === 'withdrawn' ? answer.why : cutJson(answer.form)
  reporter.line({ acp: 'permission', title, decision: answer.kind, why })
  return answer.kind === 'answered' ? { action: 'accept', content: answer.form } : { action: 'cancel' }
}
