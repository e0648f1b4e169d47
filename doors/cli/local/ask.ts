import type { Question } from '../../../contract/index.ts'
import { checkInput } from '../input.ts'
import { type Call, orAborted, show } from '../call.ts'

/** Exit codes of a call that waits for an answer and gets none. */
export const NO_ANSWER = { withdrawn: 3, open: 3, blocked: 4 } as const

/**
 * `ask` and `await`: print the answer. The exit code tells a script whether there is one.
 *
 * @returns 0 with an answer, or for a question that was only asked (`--timeout 0`); 3 without one; 4 when the question
 *   has become a block, so that the run is over
 */
export async function ask(call: Call): Promise<number> {
  const { session, given, typed } = call
  const { operation } = typed.verb
  if (operation === undefined) throw new Error(`${typed.verb.words.join(' ')} has no operation`)
  checkInput(typed, operation.spec, given.input)
  const kernel = await session.kernel()
  const called = kernel.callByName(operation.name, given.input, await session.caller())
  const answer = (await orAborted(session, called)) as { question: Question }
  await show(call, operation.view, answer)
  const { state } = answer.question
  const isOnlyAsked = state === 'open' && given.input['timeout_seconds'] === 0
  return state === 'answered' || isOnlyAsked ? 0 : NO_ANSWER[state]
}
