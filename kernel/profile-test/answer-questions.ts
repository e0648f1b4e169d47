import type { Answer } from '../../contract/index.ts'
import { object, parseObject } from '../../formats/json.ts'
import type { Board } from '../board/board.ts'
import { answerQuestion } from '../lifecycle/questions.ts'
import { withdrawQuestion } from '../lifecycle/withdraw-questions.ts'
import * as questions from '../tables/questions.ts'
import type { QuestionRow } from '../tables/questions.ts'

const MOST_AT_ONCE = 20

/**
 * Answers what the worker asks, in place of a person, so that the test does not wait. It is allowed to call Runboard, and
 * nothing else.
 *
 * @param answered the questions that are answered already. Each is answered once, because an answer to a run that is being
 *   stopped changes nothing
 */
export async function answerQuestions({ connection }: Board, answered: Set<number>): Promise<void> {
  const open = connection.read.all(questions.open, { limit: MOST_AT_ONCE })
  const fresh = open.filter(({ id }) => !answered.has(id))
  if (fresh.length === 0) return
  await connection.write('profiles test', (tx) => {
    for (const { id } of fresh) {
      answered.add(id)
      const question = tx.get(questions.byId, { id })
      // Its worker may have withdrawn it meanwhile.
      if (question === undefined || question.withdrawn_at !== null) continue
      const answer = answerTo(question)
      if (answer === null) withdrawQuestion(tx, question, 'withdrawn')
      else answerQuestion(tx, question, answer)
    }
  })
}

/** A plain call of the command line: nothing that a shell would chain, expand or redirect. */
const OWN_COMMAND = /^runboard (?:ask|block|complete|heartbeat|show)\b[^;&|<>`$()\\\n]*$/

/** @returns null for a form, which only a person can fill in */
function answerTo({ kind, input, options }: QuestionRow): Answer | null {
  if (kind === 'form') return null
  if (kind === 'permission') {
    const { command } = object(object(parseObject(input ?? ''))['input'])
    const isOwn = typeof command === 'string' && OWN_COMMAND.test(command)
    const refusal = 'This is only a test, and it does not need that.'
    return isOwn ? { option: 'allow', text: null, form: null } : { option: 'deny', text: refusal, form: null }
  }
  const [first = null] = JSON.parse(options) as string[]
  return { option: first, text: first === null ? 'Yes.' : null, form: null }
}
