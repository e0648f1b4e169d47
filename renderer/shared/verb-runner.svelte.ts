import { SvelteSet } from 'svelte/reactivity'
import { plural } from '../../formats/count.ts'
import type { Client, Task } from '../../contract/index.ts'
import { type TaskStatus, type TransitionVerb, verbForMove } from '../../contract/states.ts'
import { announce } from './announce.svelte.ts'
import { asker, type Question } from './ask.svelte.ts'
import { asFailure } from './errors.ts'
import { label, words } from './tones.ts'
import { toasts } from './toasts.svelte.ts'
import {
  asCalls,
  assignBack,
  priorityBack,
  scheduleBack,
  stepsBack,
  type UndoStep,
  type UndoSubject,
  undoText,
  type VerbFields as Fields,
} from './undo.ts'
import { type Verb, VERB_SPECS, type VerbSubject } from './verbs.ts'

/** Verbs that `task.bulk` does not have. */
const ONE_BY_ONE: readonly string[] = ['request_changes', 'accept_plan', 'plan', 'edit']

type TaskOperation = (input: object) => Promise<{ task: Task }>

interface Outcome {
  after: Task[]
  refused: Refused[]
}

interface Refused {
  id: string
  message: string
}

/** The holder of the cards: a verb's answer is shown before its event arrives. */
export interface TaskSink {
  readonly slug: string
  applyTask(task: Task): void
}

/** Runs verbs on tasks of the open board: asks what must be asked, reports the result, and can undo it. */
export class VerbRunner {
  /** Tasks with a call in progress: stopping a worker takes seconds. */
  readonly busy = new SvelteSet<string>()
  readonly #client: Client
  readonly #sink: () => TaskSink | null

  constructor(client: Client, sink: () => TaskSink | null) {
    this.#client = client
    this.#sink = sink
  }

  /** @returns whether it succeeded for all of them */
  async run(verb: Verb, subjects: readonly VerbSubject[], given?: string): Promise<boolean> {
    const spec = VERB_SPECS[verb]
    const question = given === undefined ? about(subjects, spec.ask?.(subjects) ?? null) : null
    const answer = question === null ? (given ?? '') : await asker.ask(question)
    if (answer === null) return false
    const fields: Fields = spec.field !== undefined && answer !== '' ? { [spec.field]: answer } : {}
    const done = await this.#carryOut(verb, fields, subjects, spec.done)
    if (!done && question !== null) asker.type(question, answer)
    return done
  }

  /** Moves tasks to a column, by the verb that leads there, with that verb's question. */
  async move(subjects: readonly VerbSubject[], status: TaskStatus): Promise<boolean> {
    const moving = subjects.filter((subject) => subject.status !== status)
    const verbs = moving.map((subject) => verbForMove(subject.status, status))
    const [only] = verbs
    if (moving.length === 0 || only === undefined) return false
    if (only !== null && isVerb(only) && verbs.every((verb) => verb === only)) return this.run(only, moving)
    const question = about(moving, questionOfMove(moving, status))
    const answer = question === null ? '' : await asker.ask(question)
    if (answer === null) return false
    const text = answer === '' ? {} : status === 'done' ? { summary: answer } : { note: answer }
    const done = await this.#carryOut('move', { status, ...text }, moving, `Moved to ${words(status)}`)
    if (!done && question !== null) asker.type(question, answer)
    return done
  }

  async assign(subjects: readonly UndoSubject[], assignee: string | null): Promise<boolean> {
    const done = assignee === null ? 'Assigned to nobody' : `Assigned to ${assignee}`
    return this.#carryOut('assign', { assignee }, subjects, done, assignBack)
  }

  /** Lets a planner break an idea into tasks, which then wait for a person. */
  async plan(subjects: readonly VerbSubject[], profile: string): Promise<boolean> {
    return this.#carryOut('plan', { profile }, subjects, `${profile} plans it`, () => null)
  }

  async schedule(subjects: readonly UndoSubject[], notBefore: number | null): Promise<boolean> {
    const done = notBefore === null ? 'May start at any time' : 'Start time set'
    return this.#carryOut('schedule', { not_before_at: notBefore }, subjects, done, scheduleBack)
  }

  async prioritize(subjects: readonly UndoSubject[], priority: number): Promise<boolean> {
    return this.#carryOut('edit', { priority }, subjects, `Priority ${priority}`, priorityBack)
  }

  async #carryOut(
    verb: string,
    fields: Fields,
    subjects: readonly VerbSubject[],
    done: string,
    back: typeof stepsBack = stepsBack,
  ): Promise<boolean> {
    const sink = this.#sink()
    if (sink === null || subjects.length === 0) return false
    const ids = subjects.map(({ id }) => id)
    this.#setBusy(ids, true)
    try {
      const { after, refused } = await this.#call(verb, fields, ids, sink.slug)
      for (const task of after) sink.applyTask(task)
      const what = namesOf(after)
      const steps = back(subjects, after)
      const undo = steps === null ? null : () => this.#takeBack(steps, subjects, done)
      this.#tell(`${done}: ${what}`, subjects, after, refused, undo)
      return refused.length === 0
    } catch (error) {
      toasts.fail(error, `${label(verb)} did not work`)
      return false
    } finally {
      this.#setBusy(ids, false)
    }
  }

  /** One task by its own operation, several by `bulk` if the verb is part of it, else one after the other. */
  async #call(verb: string, fields: Fields, ids: readonly string[], board: string): Promise<Outcome> {
    const after: Task[] = []
    const refused: Refused[] = []
    if (ids.length > 1 && !ONE_BY_ONE.includes(verb)) {
      const { results } = await this.#client.task.bulk({ ...fields, board, ids: [...ids], verb })
      for (const result of results) {
        if ('error' in result) refused.push({ id: result.id, message: result.error.message })
        else if (result.task !== null) after.push(result.task)
      }
      return { after, refused }
    }
    const operations = this.#client.task as unknown as Record<string, TaskOperation>
    for (const id of ids) {
      try {
        const answer = await allowingCommands(async (more) =>
          operations[verb]?.({ ...fields, ...more, board, id }),
        )
        if (answer !== undefined) after.push(answer.task)
      } catch (error) {
        const failure = asFailure(error)
        if (failure.code === 'DISCONNECTED') throw error
        refused.push({ id, message: failure.message })
      }
    }
    return { after, refused }
  }

  #tell(
    text: string,
    subjects: readonly UndoSubject[],
    after: readonly Task[],
    refused: readonly Refused[],
    takeBack: (() => unknown) | null,
    named: readonly string[] = [],
  ): void {
    const undo = takeBack === null ? {} : { action: { label: 'Undo', run: takeBack } }
    const titleOf = (id: string) => subjects.find((subject) => subject.id === id)?.title ?? id
    if (refused.length > 0) {
      const [only] = refused
      const refusal =
        subjects.length === 1 && only !== undefined
          ? only.message
          : `${after.length} of ${subjects.length} done. ${refused.length} refused:`
      const details =
        subjects.length === 1 ? [] : refused.map(({ id, message }) => `${shorten(titleOf(id))}: ${message}`)
      toasts.show(refusal, { tone: 'bad', details, ...undo })
    } else toasts.show(text, { ...undo, details: named })
    if (after.length > 0) announce(text)
  }

  /**
   * Returns the tasks to their earlier state, several per call, and reports all results together.
   *
   * @param undone the act that is undone: “Archived”
   */
  async #takeBack(
    steps: readonly UndoStep[],
    subjects: readonly UndoSubject[],
    undone: string,
  ): Promise<void> {
    const sink = this.#sink()
    if (sink === null) return
    const ids = steps.map(({ id }) => id)
    const all: Outcome = { after: [], refused: [] }
    this.#setBusy(ids, true)
    try {
      for (const call of asCalls(steps)) {
        const [{ verb, fields }] = call as [UndoStep]
        const { after, refused } = await this.#call(
          verb,
          fields,
          call.map(({ id }) => id),
          sink.slug,
        )
        for (const task of after) sink.applyTask(task)
        all.after.push(...after)
        all.refused.push(...refused)
      }
    } finally {
      this.#setBusy(ids, false)
    }
    const done = steps.filter(({ id }) => all.after.some((task) => task.id === id))
    const asked = subjects.filter(({ id }) => ids.includes(id))
    const text = `Undid “${undone}”: ${undoText(done, namesOf(all.after))}`
    this.#tell(text, asked, all.after, all.refused, null, listed(all.after))
  }

  #setBusy(ids: readonly string[], on: boolean): void {
    for (const id of ids) {
      if (on) this.busy.add(id)
      else this.busy.delete(id)
    }
  }
}

/** A plan with commands of its own is refused until the user has seen them: shows them, then accepts. */
async function allowingCommands<T>(call: (more: object) => Promise<T>): Promise<T> {
  try {
    return await call({})
  } catch (error) {
    const commands = asFailure(error).data?.['commands']
    if (!Array.isArray(commands)) throw error
    const lines = (commands as Record<string, unknown>[]).map((each) =>
      [each['title'], each['verify_command'] ?? each['workspace_path']].filter(Boolean).join(': '),
    )
    const text = `It would run commands that you have not accepted. ${lines.join(' · ')}`
    const answer = await asker.ask({
      title: 'Let the plan run commands?',
      text,
      confirm: 'Accept',
      danger: true,
    })
    if (answer === null) throw error
    return call({ commands: true })
  }
}

function about(subjects: readonly VerbSubject[], question: Question | null): Question | null {
  return question === null ? null : { ...question, about: subjects.map(({ id }) => id).join(' ') }
}

/** Asks once for all tasks, in terms of the target column. */
function questionOfMove(subjects: readonly VerbSubject[], status: TaskStatus): Question | null {
  const running = subjects.filter((subject) => subject.status === 'running').length
  if (status === 'blocked') return VERB_SPECS.block.ask?.(subjects) ?? null
  if (status === 'done') return VERB_SPECS.complete.ask?.(subjects) ?? null
  if (running === 0) return null
  const one = subjects.length === 1
  return {
    title: one ? 'Take it from its worker?' : `Take ${running} from their workers?`,
    text: `${plural(running, 'It is running: its worker is', 'They are running: their workers are')} stopped first.`,
    confirm: `Stop and move to ${words(status)}`,
    danger: true,
  }
}

function isVerb(verb: TransitionVerb): verb is TransitionVerb & Verb {
  return verb in VERB_SPECS
}

function namesOf(tasks: readonly Task[]): string {
  const [first] = tasks
  return tasks.length === 1 && first !== undefined ? `“${shorten(first.title)}”` : `${tasks.length} tasks`
}

/** The most titles that a message about several tasks lists. */
const LISTED = 5

/** @returns the titles of several tasks; none for a single task, whose title is in the text already */
function listed(tasks: readonly Task[]): string[] {
  if (tasks.length < 2) return []
  const titles = tasks.slice(0, LISTED).map(({ title }) => shorten(title))
  return tasks.length > LISTED ? [...titles, `and ${tasks.length - LISTED} more`] : titles
}

function shorten(title: string): string {
  return title.length > 48 ? `${title.slice(0, 47).trimEnd()}…` : title
}
