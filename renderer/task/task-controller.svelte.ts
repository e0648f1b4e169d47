import { createContext } from 'svelte'
import type { Attachment, Client, Run, SessionRequest, Task } from '../../contract/index.ts'
import { announce } from '../shared/announce.svelte.ts'
import { asker } from '../shared/ask.svelte.ts'
import type { OpenBoard, Runboard } from '../shared/context.ts'
import type { Router } from '../shared/router.svelte.ts'
import { Saving } from '../shared/saving.svelte.ts'
import type { GivenAnswer } from '../questions/answer-form.svelte.ts'
import { giveAnswer } from '../questions/give-answer.ts'
import type { Failure } from '../shared/errors.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import type { VerbRunner } from '../shared/verb-runner.svelte.ts'
import { refusal, type Verb, type VerbSubject } from '../shared/verbs.ts'
import { versionChoice } from '../shared/versions.svelte.ts'
import { saveBytes } from '../shared/copy.ts'
import { readFiles } from '../shared/files.ts'
import { Drafts } from './drafts.ts'
import { changedMeanwhile, valuesBefore, versionsOf } from './edit-conflict.ts'
import type { Edit as TaskEdit } from './facts.ts'
import { TaskStore } from './task-store.svelte.ts'
import type { VerdictAction } from './verdict-parts.ts'

/** A one-time request of the verdict: where to show the log of a run from. */
export interface LogRequest {
  attempt: number
  at: 'error' | 'end'
}

/** The options of a retry. */
export interface RetryWish {
  /** For the next attempt; empty for none. */
  note: string
  assignee: string | null
  model: string | null
  /** Whether to continue the session of the last attempt; null lets the rules decide. */
  session: SessionRequest | null
}

/** The open task: what is shown of it, and the user's actions. */
export class TaskController {
  readonly client: Client
  readonly router: Router
  readonly verbs: VerbRunner
  readonly board: OpenBoard
  readonly store: TaskStore
  readonly drafts: Drafts

  /** The attempt whose run is open, by number. It is part of the address. */
  attempt = $state<number | null>(null)
  logRequest = $state.raw<LogRequest | null>(null)
  /** The attempt to compare with the one before it. */
  changesRequest = $state<number | null>(null)
  /** Whether the form for a retry is open. */
  retrying = $state(false)
  /** The workflow in the form that starts one; '' for none yet, null while the form is closed. */
  starting = $state<string | null>(null)
  /** A call in progress that is not a verb: saving, linking, commenting. */
  readonly saving = new Saving()

  constructor(app: Runboard, board: OpenBoard, id: string, attempt: number | null) {
    this.client = app.client
    this.router = app.router
    this.verbs = app.verbs
    this.board = board
    this.store = new TaskStore(app.client, board, id)
    this.drafts = new Drafts(`${board.slug}/${id}`)
    this.attempt = attempt
  }

  get id(): string {
    return this.store.id
  }

  get task(): Task | null {
    return this.store.task
  }

  get busy(): boolean {
    return this.saving.busy !== null || this.verbs.busy.has(this.id)
  }

  /** @param attempt null closes the open one */
  open(attempt: number | null): void {
    this.attempt = attempt
    this.router.replace({ attempt })
  }

  toggle(attempt: number): void {
    this.open(this.attempt === attempt ? null : attempt)
  }

  /** Opens the next run (1) or the previous one (−1); the newest if none is open. */
  walk(step: 1 | -1): void {
    const { runs } = this.store
    const at = runs.findIndex((run) => run.attempt === this.attempt)
    const next = at < 0 ? runs.at(-1) : runs[at + step]
    if (next !== undefined) this.open(next.attempt)
  }

  openLog(request: LogRequest): void {
    this.logRequest = request
    this.open(request.attempt)
  }

  openChanges(attempt: number): void {
    this.changesRequest = attempt
    this.open(attempt)
  }

  refused(verb: Verb): string | null {
    if (this.task === null) return 'The task is still loading'
    if (verb === 'stop' && this.store.openRun?.stop_requested_at != null) return 'It is being stopped'
    return refusal(verb, this.#subject(this.task))
  }

  /** The unfinished parts of an idea; until its card is loaded, all parents. */
  get openParts(): readonly string[] {
    return this.board.card(this.id)?.open_parents ?? this.store.parents
  }

  #subject(task: Task): VerbSubject {
    return { ...task, open_parents: [...this.openParts] }
  }

  /**
   * Answers the question of an approve step. The answer applies only to the visit whose question was shown.
   *
   * @returns why it was refused; null when it was accepted
   */
  async answerStep(visit: number | null, given: GivenAnswer): Promise<Failure | null> {
    const answer = await this.saving.run('saving', () =>
      giveAnswer(this.client, { board: this.board.slug, id: this.id, visit }, given),
    )
    if (answer !== null && 'task' in answer) {
      this.store.apply(answer.task)
      return null
    }
    this.store.refreshSoon()
    return answer?.failure ?? null
  }

  /** Runs a verb on the card's walk, then reads the task again. */
  async onWalk(call: () => Promise<unknown>): Promise<void> {
    await this.#call('The workflow could not be changed', call)
    this.store.refreshSoon()
  }

  /** The profiles that can break an idea into tasks. */
  get planners(): string[] {
    return this.board.profiles
      .filter(({ capabilities }) => capabilities.includes('planner'))
      .map(({ name }) => name)
  }

  /** Lets a planner break the idea into tasks. */
  async plan(profile: string): Promise<void> {
    if (this.task !== null) await this.verbs.plan([this.task], profile)
    this.store.refreshSoon()
  }

  async run(verb: Verb, given?: string): Promise<boolean> {
    if (this.task === null || this.refused(verb) !== null) return false
    const done = await this.verbs.run(verb, [this.task], given)
    this.store.refreshSoon()
    return done
  }

  async act(action: VerdictAction): Promise<void> {
    switch (action.kind) {
      case 'verb':
        await this.run(action.verb)
        break
      case 'accept':
        await this.acceptAsDone(action.summary)
        break
      case 'raise_runtime':
        if (await this.edit({ max_runtime_seconds: action.seconds }, 'Time limit raised'))
          await this.run('retry')
        break
      case 'log':
        this.openLog({ attempt: action.attempt, at: action.at })
        break
      case 'follow':
        this.openLog({ attempt: action.attempt, at: 'end' })
        break
      case 'open_task':
        this.router.openTask(action.id)
        break
      case 'release_profile':
        await this.#call('The profile could not be released', () =>
          this.client.profile.release({ board: this.board.slug, name: action.profile }),
        )
        break
      case 'fix_profile':
        this.router.go({ view: 'settings', section: 'profiles', task: null, attempt: null })
        break
      case 'resume_board':
        await this.#call('The board could not be resumed', () =>
          this.client.dispatcher.resume({ board: this.board.slug }),
        )
        break
      case 'start_now':
        if (this.task !== null) await this.verbs.schedule([this.task], null)
        break
      case 'changes':
        this.router.go({ view: 'diff', task: this.id, attempt: null, query: {} })
        break
      case 'assign':
      case 'plan':
        break // that button opens a menu of its own
    }
    this.store.refreshSoon()
  }

  /** Accepts work that its worker did not report as done: a person checked it. */
  async acceptAsDone(summary: string): Promise<void> {
    const answer = await asker.ask({
      about: this.id,
      title: 'Mark done',
      text: 'The task is done with this summary, and the tasks it blocks can start.',
      field: { label: 'Summary', value: summary, lines: 4, hint: 'What the next worker needs to know.' },
      confirm: 'Mark done',
    })
    if (answer !== null) await this.run('complete', answer)
  }

  /**
   * Retries with a note, by another profile or with another model.
   *
   * @returns whether it is retried; a refusal is shown, and changes made before it are kept
   */
  async retryWith({ note, assignee, model, session }: RetryWish): Promise<boolean> {
    if (this.task === null) return false
    if (assignee !== this.task.assignee && !(await this.verbs.assign([this.task], assignee))) return false
    if (model !== this.task.model && !(await this.edit({ model }, 'Model changed'))) return false
    const done = await this.#call('The task could not be retried', () =>
      this.client.task.retry({
        board: this.board.slug,
        id: this.id,
        session,
        ...(note === '' ? {} : { note }),
      }),
    )
    if (done !== null) this.#applied(done.task, 'Retrying')
    return done !== null
  }

  /** The title of a task; its id if the task is not loaded. */
  titleOf(id: string): string {
    const title = this.board.card(id)?.title
    return title === undefined ? id : `“${title}”`
  }

  /**
   * Saves fields of the task. If one of them was changed since it was read, both versions are shown and the user
   * chooses.
   *
   * @param opened the values when editing began
   * @returns whether editing is over: the fields were saved, or the other version was taken. Undo reverts either
   */
  async edit(fields: TaskEdit, done: string, opened: Partial<Task> | null = this.task): Promise<boolean> {
    const expected = valuesBefore(fields, opened ?? {})
    const answer = await this.#call('It could not be saved', async () => {
      try {
        return await this.client.task.edit({ ...fields, expected, board: this.board.slug, id: this.id })
      } catch (error) {
        const current = changedMeanwhile(error)
        if (current === null) throw error
        return { current }
      }
    })
    if (answer === null) return false
    if ('current' in answer)
      return this.#choose(fields, done, { ...expected, ...answer.current }, answer.current)
    this.store.apply(answer.task)
    const undo = () => this.edit(expected, 'Reverted', answer.task)
    toasts.show(done, { action: { label: 'Undo', run: undo } })
    return true
  }

  async #choose(
    fields: TaskEdit,
    done: string,
    seen: Partial<Task>,
    current: Partial<Task>,
  ): Promise<boolean> {
    this.store.refreshSoon()
    if (this.task === null) return false
    const chosen = await versionChoice.ask(versionsOf(fields, current, this.task))
    if (chosen === null) return false
    const saveMine = () => this.edit(fields, done, seen)
    if (chosen === 'mine') return saveMine()
    toasts.show('Your version was not saved', { action: { label: 'Undo', run: saveMine } })
    return true
  }

  async comment(body: string): Promise<boolean> {
    const answer = await this.#call('The comment could not be added', () =>
      this.client.comment.add({ board: this.board.slug, id: this.id, body }),
    )
    if (answer !== null) this.store.apply(answer.task)
    return answer !== null
  }

  /**
   * Says something to the worker of the open run.
   *
   * @param interrupt whether to end its turn if it takes no message otherwise
   * @returns whether it is on its way; a refusal has then been shown
   */
  async tell(body: string, interrupt: boolean): Promise<boolean> {
    const answer = await this.#call('The worker was not told', () =>
      this.client.message.tell({ board: this.board.slug, id: this.id, body, interrupt }),
    )
    if (answer === null) return false
    this.store.refreshSoon()
    announce(answer.warnings?.[0] ?? 'Queued for the worker')
    return true
  }

  /** Attaches files that were dropped, pasted or picked. */
  async attach(files: readonly File[]): Promise<void> {
    if (files.length === 0) return
    const answer = await this.#call('The files could not be attached', async () => {
      const attachments = await readFiles(files)
      return this.client.attachment.add({ board: this.board.slug, id: this.id, attachments })
    })
    if (answer !== null) this.store.refreshSoon()
  }

  async detach(file: Attachment): Promise<void> {
    const content = await this.readAttachment(file)
    const answer = await this.#call('The file could not be removed', () =>
      this.client.attachment.remove({ board: this.board.slug, attachment_id: file.id }),
    )
    if (answer === null) return
    this.store.refreshSoon()
    if (content === null) return
    const run = async () => {
      const attachments = [{ name: file.name, content }]
      await this.#call('The file could not be put back', () =>
        this.client.attachment.add({ board: this.board.slug, id: this.id, attachments }),
      )
      this.store.refreshSoon()
    }
    toasts.show(`Removed ${file.name}`, { action: { label: 'Undo', run } })
  }

  /** @returns the bytes as base64, or null when the file cannot be read; the reason has then been shown */
  async readAttachment(file: Attachment): Promise<string | null> {
    try {
      const input = { board: this.board.slug, attachment_id: file.id }
      return (await this.client.attachment.read(input)).content
    } catch (error) {
      toasts.fail(error, `${file.name} could not be read`)
      return null
    }
  }

  async download(file: Attachment): Promise<void> {
    const content = await this.readAttachment(file)
    if (content !== null) saveBytes(file.name, content)
  }

  /** @param kind the role of the other task for this one */
  async link(kind: 'parent' | 'child', other: string, add: boolean): Promise<void> {
    const ends =
      kind === 'parent' ? { parent_id: other, child_id: this.id } : { parent_id: this.id, child_id: other }
    const input = { board: this.board.slug, ...ends }
    const answer = await this.#call(
      add ? 'The link could not be added' : 'The link could not be removed',
      () => (add ? this.client.link.add(input) : this.client.link.remove(input)),
    )
    if (answer === null) return
    this.store.refreshSoon()
    if (!add) {
      toasts.show('Link removed', { action: { label: 'Undo', run: () => this.link(kind, other, true) } })
    }
  }

  /** @returns a run with its context and its events, as JSON for a file */
  async exportRun(run: Run): Promise<string | null> {
    const answer = await this.#call('The run could not be read', () =>
      this.client.run.show({ board: this.board.slug, id: run.id }),
    )
    return answer === null ? null : `${JSON.stringify(answer, null, 2)}\n`
  }

  #applied(task: Task, done: string): void {
    this.store.apply(task)
    toasts.show(`${done}: “${task.title}”`)
  }

  /** @returns the answer, or null when it was refused; the refusal has then been shown */
  #call<T>(what: string, call: () => Promise<T>): Promise<T | null> {
    return this.saving.run('saving', call, what)
  }
}

export const [getTask, setTask] = createContext<TaskController>()
