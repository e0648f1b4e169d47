import { z } from 'zod'
import { lazily } from './lazily.ts'
import { at, maybeAt, maybeText, object } from './columns.ts'

/**
 * The kind of answer that a question asks for. `permission`: whether the worker may do something; `form`: an object that
 * matches a JSON Schema; `text`: one of the options, or free text if there are none.
 */
export const QUESTION_KINDS = ['permission', 'form', 'text'] as const
export type QuestionKind = (typeof QUESTION_KINDS)[number]

/** The options of every question for a permission. `always` also adds a rule to the profile. */
export const PERMISSION_OPTIONS = ['allow', 'always', 'deny'] as const

/**
 * Why a question was withdrawn. `withdrawn`: by its worker or by a person; `timeout`: its worker stopped waiting;
 * `run_ended`: the run ended; `blocked`: nobody answered within the limit of waiting, and the task was blocked with the
 * question.
 */
export const WITHDRAWN_WHYS = ['withdrawn', 'timeout', 'run_ended', 'blocked'] as const
export type WithdrawnWhy = (typeof WITHDRAWN_WHYS)[number]

export const QUESTION_STATES = ['open', 'answered', 'withdrawn', 'blocked'] as const
export type QuestionState = (typeof QUESTION_STATES)[number]

/** How many runs of a board may wait at once, unless the board says otherwise. */
export const DEFAULT_MAX_WAITING = 10

export const answer = lazily(() =>
  z.object({
    /** The chosen option; null if the question has no options. */
    option: maybeText(),
    /** Free text, or the reason that a person gives with an option. */
    text: maybeText(),
    /** The filled-in fields of a form. */
    form: object().nullable(),
  }),
)
export type Answer = z.infer<ReturnType<typeof answer>>

/** A question that a worker asks during its run. */
export const question = lazily(() =>
  z
    .object({
      id: z.int(),
      run_id: z.int(),
      task_id: z.string(),
      attempt: z.int(),
      kind: z.enum(QUESTION_KINDS),
      title: z.string(),
      /** permission: `tool_name`, `input`, and in `rule` what “always” would allow, in words; form: its JSON Schema. */
      input: object().nullable(),
      diff: maybeText(),
      options: z.array(z.string()),
      asked_at: at(),
      answered_at: maybeAt(),
      answer: answer().nullable(),
      answered_by: maybeText(),
      withdrawn_at: maybeAt(),
      withdrawn_why: z.enum(WITHDRAWN_WHYS).nullable(),
      state: z.enum(QUESTION_STATES),
      has_diff: z.boolean(),
      /** Whether its diff, or a long input, is left out here, as in lists. `question.show` gives the whole. */
      is_cut: z.boolean(),
    })
    .meta({ id: 'Question' }),
)
export type Question = z.infer<ReturnType<typeof question>>
