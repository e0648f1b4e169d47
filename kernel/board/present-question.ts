import type { Answer, Question, QuestionState } from '../../contract/index.ts'
import type { QuestionRow } from '../tables/questions.ts'

/** @returns a question as callers see it */
export function presentQuestion(row: QuestionRow): Question {
  return {
    ...row,
    input: row.input === null ? null : (JSON.parse(row.input) as Question['input']),
    options: JSON.parse(row.options) as string[],
    answer: row.answer === null ? null : (JSON.parse(row.answer) as Answer),
    state: stateOf(row),
  }
}

function stateOf({ answered_at, withdrawn_why }: QuestionRow): QuestionState {
  if (answered_at !== null) return 'answered'
  if (withdrawn_why === null) return 'open'
  return withdrawn_why === 'blocked' ? 'blocked' : 'withdrawn'
}
