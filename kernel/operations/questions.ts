import { type Answer, type CheckedInput, DEFAULT_MAX_WAITING, OperationError } from '../../contract/index.ts'
import { problemText } from '../../contract/json-schema.ts'
import { keepWork } from '../board/kept-work.ts'
import { presentListed, presentQuestion } from '../board/present-question.ts'
import { answerQuestion, type Asked, askQuestion, refuseClosed } from '../lifecycle/questions.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { withdrawQuestion } from '../lifecycle/withdraw-questions.ts'
import * as questions from '../tables/questions.ts'
import type { QuestionRow } from '../tables/questions.ts'
import * as tasks from '../tables/tasks.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { askingRun, decidePermission, permissionQuestion, ruleOf } from './permissions.ts'
import { requireQuestion, waitForAnswer } from './wait-for-answer.ts'
import { MOST_FORM_MS, problemsIn, whyUnusable } from '../workflow/schema-check.ts'

export const questionHandlers = {
  'question.ask': async (context, input) => {
    const asked = askedIn(input)
    const question = await ask(context, input.id, asked)
    const { timeout_seconds } = input
    return { question: presentQuestion(await waitAsAsker(context, question, timeout_seconds)) }
  },

  'question.permission': async (context, input) => {
    const wanted = { tool_name: input.tool_name, input: input.input }
    const run = await askingRun(context, input.id)
    if (decidePermission(context, run, wanted) === 'allow')
      return { behavior: 'allow', updatedInput: wanted.input }
    const asked = permissionQuestion(context, run, wanted)
    const question = await waitAsAsker(context, await ask(context, input.id, asked), undefined)
    return permissionAnswer(question, wanted.input)
  },

  'question.wait': async (context, { question_id, timeout_seconds }) => {
    requireQuestion(context, question_id)
    const question = await waitForAnswer(context, { question_id, timeout_seconds, is_asker: false })
    return { question: presentQuestion(question) }
  },

  'question.show': (context, { question_id }) => ({
    question: presentQuestion(requireQuestion(context, question_id)),
  }),

  'question.list': ({ read }, { task_id, all, limit }) => {
    if (task_id !== undefined) requireTask(read, task_id)
    const rows =
      task_id === undefined
        ? read.all(all ? questions.newest : questions.open, { limit })
        : read.all(all ? questions.ofTask : questions.openOfTask, { task_id, limit })
    return { questions: rows.map(presentListed) }
  },

  'question.answer': async (context, input) => {
    const question = questionOf(context, input.question)
    const answer = answerIn(question, input)
    const isRule = answer.option === 'always' && question.kind === 'permission'
    const addRule = isRule && questions.isOpen(question) ? ruleOf(context, question) : null
    // Before the answer, after which the agent may ask for the same at once.
    const takeBack = await addRule?.()
    try {
      const done = await context.write((tx) => answerQuestion(tx, question, answer))
      if ('late' in done) throw done.late
      return { question: presentQuestion(done.question) }
    } catch (error) {
      await takeBack?.()
      throw error
    }
  },

  'question.withdraw': async (context, { question_id }) => {
    const question = requireQuestion(context, question_id)
    refuseForeign(context, question)
    const withdrawn = await context.write((tx) => withdrawQuestion(tx, question, 'withdrawn'))
    if (!withdrawn) throw refuseClosed(requireQuestion(context, question_id))
    return { question: presentQuestion(requireQuestion(context, question_id)) }
  },
} satisfies Partial<BoardHandlers>

/** @throws OperationError INVALID_INPUT for a question whose fields do not fit its kind, or that has an unusable schema */
function askedIn({ title, kind, options, form, diff }: CheckedInput<'question.ask'>): Asked {
  const of = kind ?? (form === null ? 'text' : 'form')
  const wrong = (sentence: string) => new OperationError('INVALID_INPUT', sentence)
  if ((of === 'form') !== (form !== null))
    throw wrong('A form needs its JSON Schema, and only a form has one.')
  if (of === 'form' && options.length > 0) throw wrong('A question has options or a form, not both.')
  // A person's answer to a permission may become a rule, so the kernel itself writes what is asked.
  if (of === 'permission') throw wrong('Only question.permission asks for a permission.')
  if (form !== null) requireUsableForm(form)
  return { kind: of, title, input: form, diff, options }
}

function requireUsableForm(form: Record<string, unknown>): void {
  if (form['type'] !== 'object')
    throw new OperationError('INVALID_INPUT', 'The JSON Schema of a form must have "type": "object".')
  const why = whyUnusable(form)
  if (why !== null)
    throw new OperationError('INVALID_INPUT', `The JSON Schema of the form cannot be used: ${why}.`)
}

async function ask(context: BoardContext, id: string, asked: Asked): Promise<QuestionRow> {
  const { board, caller } = context
  const task = context.read.get(tasks.byId, { id })
  const head = task?.workflow_run_id == null ? null : await keepWork(board, task)
  const most_waiting = board.settings().max_waiting ?? DEFAULT_MAX_WAITING
  return context.write((tx) =>
    askQuestion(tx, requireTask(tx, id), asked, { trigger: caller.trigger, most_waiting, head }),
  )
}

function waitAsAsker(
  context: BoardContext,
  question: QuestionRow,
  timeout_seconds: number | undefined,
): Promise<QuestionRow> {
  return waitForAnswer(context, { question_id: question.id, timeout_seconds, is_asker: true })
}

function permissionAnswer(
  { answer, withdrawn_why }: QuestionRow,
  input: CheckedInput<'question.permission'>['input'],
) {
  const given = answer === null ? null : (JSON.parse(answer) as Answer)
  if (given !== null && given.option !== 'deny') return { behavior: 'allow' as const, updatedInput: input }
  const message =
    given !== null
      ? (given.text ?? 'A person refused it.')
      : withdrawn_why === 'blocked'
        ? 'Nobody answered, and your run has ended: the task is blocked with this question. Stop working.'
        : 'The question was withdrawn, so it is not allowed.'
  return { behavior: 'deny' as const, message }
}

/**
 * @param named the number of a question, or the id of a task
 * @throws OperationError NOT_FOUND; CONFLICT for a task with no open question, or with several
 */
function questionOf(context: BoardContext, named: string): QuestionRow {
  if (/^\d{1,15}$/.test(named)) return requireQuestion(context, Number(named))
  const { id, status } = requireTask(context.read, named)
  const open = context.read.all(questions.openOfTask, { task_id: id, limit: 21 })
  const [first, second] = open
  if (first !== undefined && second === undefined) return requireQuestion(context, first.id)
  const hint = status === 'blocked' ? ` It is blocked: answer with “runboard unblock ${id} --answer …”.` : ''
  const sentence =
    first === undefined
      ? `Task ${id} has no open question.${hint}`
      : `Task ${id} has ${open.length} open questions. Name one: ${open.map((row) => row.id).join(', ')}.`
  throw new OperationError('CONFLICT', sentence, { id, questions: open.map((row) => row.id) })
}

/** @throws OperationError INVALID_INPUT for an answer that does not fit the question */
function answerIn(question: QuestionRow, { option, text, form }: CheckedInput<'question.answer'>): Answer {
  const wrong = (sentence: string, more: Record<string, unknown> = {}) =>
    new OperationError('INVALID_INPUT', sentence, { question_id: question.id, ...more })
  const options = JSON.parse(question.options) as string[]
  if (question.kind === 'form') {
    if (form === null || option !== null) throw wrong(`Question ${question.id} is a form: answer with form.`)
    const schema = JSON.parse(question.input ?? '{}') as Record<string, unknown>
    const problems = problemsIn(schema, form, MOST_FORM_MS)
    const fields = problems.map(({ path, message }) => ({ path: ['form', ...path], message }))
    if (problems.length > 0)
      throw wrong(`The form does not fit its schema: ${problems.slice(0, 5).map(problemText).join('; ')}.`, {
        fields,
      })
    return { option: null, text, form: form }
  }
  if (form !== null) throw wrong(`Question ${question.id} has no form.`)
  if (options.length === 0) {
    if (option !== null || text === null) throw wrong(`Question ${question.id} needs a text as its answer.`)
    return { option: null, text, form: null }
  }
  // The text of an option alone chooses it.
  const chosen = option ?? (text !== null && options.includes(text) ? text : null)
  if (chosen === null || !options.includes(chosen))
    throw wrong(`Question ${question.id} needs one of its options as its answer: ${options.join(', ')}.`)
  return { option: chosen, text: option === null ? null : text, form: null }
}

/** @throws OperationError UNAUTHORIZED when a worker names the question of another run */
function refuseForeign({ worker, caller }: BoardContext, question: QuestionRow): void {
  if (caller.worker === undefined || worker?.run_id === question.run_id) return
  throw new OperationError(
    'UNAUTHORIZED',
    `A worker may withdraw its own questions only; question ${question.id} belongs to run ${question.run_id}.`,
    { question_id: question.id, run_id: question.run_id },
  )
}
