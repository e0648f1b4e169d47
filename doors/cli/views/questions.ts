import type { Answer, Question } from '../../../contract/index.ts'
import type { Printer } from './printer.ts'
import { table } from './table.ts'
import { jsonText, oneLine, visible } from './text.ts'
import { relative } from './time.ts'

/** The chosen option, the text, or the form as JSON. */
function answerText({ option, text, form }: Answer): string {
  if (form !== null) return jsonText(form)
  return visible(option ?? text ?? '')
}

/** What `ask` and `await` print for a script: the answer alone, or the number of a question that is still open. */
export function printAnswer({ question }: { question: Question }): string {
  if (question.answer !== null) return `${answerText(question.answer)}\n`
  return question.state === 'open' ? `${question.id}\n` : ''
}

export function printQuestion({ question }: { question: Question }, { paint }: Printer): string {
  const { id, task_id, title, answer, answered_by, state } = question
  const said =
    answer === null ? state : `answered by ${oneLine(answered_by ?? '')}: ${oneLine(answerText(answer))}`
  return `Question ${id} of ${task_id} “${oneLine(title)}”: ${paint.bold(said)}\n`
}

/** The question in full, with what its worker wants to do. */
export function printWholeQuestion({ question }: { question: Question }, printer: Printer): string {
  const { title, kind, options, input, diff } = question
  const parts = [
    visible(title),
    options.length === 0 ? null : `Options: ${visible(options.join(', '))}`,
    input === null ? null : `${kind === 'form' ? 'Form' : 'Input'}:\n${jsonText(input)}`,
    diff === null ? null : `Change:\n${visible(diff)}`,
  ].filter((part) => part !== null)
  return `${printQuestion({ question }, printer)}\n${parts.join('\n\n')}\n`
}

export function printQuestions({ questions }: { questions: Question[] }, printer: Printer): string {
  if (questions.length === 0) return 'No questions.\n'
  const { paint, width, now } = printer
  return table(
    questions,
    [
      { header: 'ID', text: ({ id }) => String(id), right: true },
      { header: 'TASK', text: ({ task_id }) => task_id },
      { header: 'ASKED', text: ({ asked_at }) => relative(asked_at, now), right: true },
      { header: 'QUESTION', text: ({ title }) => title, least: 20 },
      { header: 'OPTIONS', text: optionsText, least: 12, drop: 1 },
      {
        header: 'ANSWER',
        text: ({ answer, state }) => (answer === null ? state : answerText(answer)),
        least: 8,
      },
    ],
    width,
    paint.dim,
  )
}

function optionsText({ kind, options }: Question): string {
  return kind === 'form' ? 'a form' : options.join(', ')
}
