import type { Answer } from '../../contract/index.ts'
import { CONTEXT_COUNTS, type ContextLimits } from '../../formats/context-limits.ts'
import type { Reader } from '../db/connection.ts'
import * as questions from '../tables/questions.ts'
import type { AnsweredRow } from '../tables/questions.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { plain, quote } from './context-frame.ts'

/**
 * The questions of earlier attempts and their answers. An attempt may die right after an answer, so nobody else may know it.
 *
 * @param sinceAttempt only questions of this attempt and later ones
 */
export function answersPart(
  reader: Reader,
  { id }: TaskRow,
  { field }: ContextLimits,
  sinceAttempt = 0,
): string {
  const most = CONTEXT_COUNTS.comments
  const newest = reader.all(questions.answeredOf, { task_id: id, attempt: sinceAttempt, limit: most + 1 })
  if (newest.length === 0) return ''
  const whole = `runboard questions ${id} --all`
  const head = newest.length > most ? `[earlier answers are not shown; \`${whole}\` prints them]\n\n` : ''
  const parts = newest.slice(0, most).reverse()
  return `## Questions that were answered\n\n${head}${parts.map((row) => answered(row, field, whole)).join('\n\n')}`
}

function answered(
  { answer, answered_at, answered_by, attempt, title }: AnsweredRow,
  most: number,
  whole: string,
): string {
  const { form, option, text } = JSON.parse(answer) as Answer
  const said = [option, text, form === null ? null : JSON.stringify(form, null, 2)]
  const shown = said.filter((each) => each !== null).join('\n')
  const by = `${plain(answered_by)}, ${new Date(answered_at).toISOString()}`
  return `Question of attempt ${attempt}:\n${quote(title, most, whole)}\n\nAnswer (${by}):\n${quote(shown, most, whole)}`
}
