import type { Answer, Question, QuestionState } from '../../contract/index.ts'
import type { ListedRow, QuestionRow } from '../tables/questions.ts'

/** @returns a whole question as callers see it */
export function presentQuestion(row: QuestionRow): Question {
  return {
    ...row,
    input: row.input === null ? null : (JSON.parse(row.input) as Question['input']),
    options: JSON.parse(row.options) as string[],
    answer: row.answer === null ? null : (JSON.parse(row.answer) as Answer),
    state: stateOf(row),
    has_diff: row.diff !== null,
    is_cut: false,
  }
}

/** @returns a question in a list, without what is large */
export function presentListed({ has_diff, is_cut, ...row }: ListedRow): Question {
  return { ...presentQuestion(row), has_diff: has_diff === 1, is_cut: is_cut === 1 }
}

function stateOf({ answered_at, withdrawn_why }: QuestionRow): QuestionState {
  if (answered_at !== null) return 'answered'
  if (withdrawn_why === null) return 'open'
  return withdrawn_why === 'blocked' ? 'blocked' : 'withdrawn'
}
