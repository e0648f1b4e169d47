import { createContext } from 'svelte'
import type { CallOptions, Card, ChangedFile, Diff } from '../../contract/index.ts'
import { announce } from '../shared/announce.svelte.ts'
import { asker, type Question } from '../shared/ask.svelte.ts'
import type { OpenBoard, Runboard } from '../shared/context.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import { mergedWords, mergedWordsOf } from '../shared/merge-words.ts'
import { logFiles } from '../log/log-files.ts'
import { Saving } from '../shared/saving.svelte.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import { refusal } from '../shared/verbs.ts'
import type { LogFiles } from '../log/links.ts'
import type { Gap } from './code/grown-hunks.ts'
import { composeNote, keepNotes, lineKey, type LineNote, notesOf } from './review-notes.ts'
import { ShownFile } from './shown-file.svelte.ts'
import { MergeCheck } from './merge-check.svelte.ts'
import { mergeQuestion } from './merge-question.ts'
import { placeRemarks, type Threads } from './threads.ts'
import { ViewedFiles } from './viewed-files.svelte.ts'

/** The state of a task's diff view: the changes, the remarks, and the review. */
export class DiffController {
  readonly app: Runboard
  readonly board: OpenBoard
  readonly id: string
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  failure = $state.raw<Failure | null>(null)
  diff = $state.raw<Diff | null>(null)
  notes = $state.raw<readonly LineNote[]>([])
  /** The remarks of earlier reviews, by line and by file. */
  threads = $state.raw<Threads>(placeRemarks([], []))
  /** The attempt whose reviewed work is compared with the present work; null shows all of the work. */
  since = $state<number | null>(null)
  /** The key of the line that a remark is being written for. */
  writing = $state<string | null>(null)
  readonly #saving = new Saving<string>()
  /** The check of the merge in progress, or the one that refused the last merge. */
  check = $state.raw<MergeCheck | null>(null)
  readonly viewed: ViewedFiles

  readonly #key: string
  /** The shown lines of each file. Keyed by object, because a diff that is read again has new file objects. */
  readonly #shown = new WeakMap<ChangedFile, ShownFile>()
  #asked = 0

  /** @returns the key under which an unfinished remark on a line is stored */
  draftKey(line: string): string {
    return `remark/${this.#key}/${line}`
  }

  constructor(app: Runboard, board: OpenBoard, id: string) {
    this.app = app
    this.board = board
    this.id = id
    this.#key = `${board.slug}/${id}`
    this.notes = notesOf(this.#key)
    this.viewed = new ViewedFiles(this.#key)
  }

  /** The step in progress, in words; null when there is none. */
  get doing(): string | null {
    return this.#saving.busy
  }

  get card(): Card | undefined {
    return this.board.card(this.id)
  }

  /** Reads the diff again; the old one stays visible until then. */
  async load(): Promise<void> {
    const asked = ++this.#asked
    try {
      const task = { board: this.board.slug, id: this.id }
      const { since, visit } = this
      const part = since !== null ? { since } : visit !== null ? { visit } : {}
      const [diff, { remarks }] = await Promise.all([
        this.app.client.task.diff({ ...task, ...part }),
        this.app.client.task.remarks(task),
      ])
      if (asked !== this.#asked) return
      this.diff = diff
      this.threads = placeRemarks(diff.files, remarks)
      this.failure = null
      this.phase = 'ready'
    } catch (error) {
      if (asked !== this.#asked) return
      this.failure = asFailure(error)
      if (this.diff === null) this.phase = 'failed'
    }
  }

  /** The visit in the address whose changes are shown; null shows all of the work. */
  get visit(): number | null {
    const id = Number(this.app.router.route.query['visit'] ?? 0)
    return Number.isSafeInteger(id) && id > 0 ? id : null
  }

  /** Shows the changes since the review of an attempt; null shows all of the work. */
  async compareSince(attempt: number | null): Promise<void> {
    this.since = attempt
    if (this.visit !== null) this.app.router.replace({ query: {} })
    await this.load()
    const { failure } = this
    if (failure === null || attempt === null) return
    this.since = null
    toasts.show(failure.message)
    await this.load()
  }

  /** The last attempt that was sent back; null if none was. */
  get lastReview(): number | null {
    return this.diff?.reviews.at(-1)?.attempt ?? null
  }

  /** @returns why the work cannot be approved or sent back now */
  refused(verb: 'approve' | 'request_changes'): string | null {
    return this.card === undefined ? 'The task is not on the board' : refusal(verb, this.card)
  }

  /** The files that the output of its check names. */
  get logFiles(): LogFiles | null {
    const task = { board: this.board.slug, id: this.id }
    return logFiles(this.app.client, task, this.diff?.worktree ?? null)
  }

  get mergeRefused(): string | null {
    if (this.card?.status === 'running') return 'Its worker is still running'
    return this.diff?.merge_refusal ?? null
  }

  /** `Merged as ea3b246f1 into main`; null if it is not merged. */
  get merged(): string | null {
    return this.diff === null ? null : mergedWordsOf(this.diff)
  }

  get discardRefused(): string | null {
    if (this.card?.status === 'running') return 'Its worker is still running'
    return this.diff?.worktree === null ? 'Its worktree is already gone; the branch stays' : null
  }

  /** @returns the shown lines of a file, with the lines that the user added around its changes */
  shownFile(file: ChangedFile): ShownFile {
    const known = this.#shown.get(file)
    if (known !== undefined) return known
    const { client } = this.app
    const source = { client, board: this.board.slug, id: this.id, commit: this.diff?.base ?? '' }
    const made = new ShownFile(file, source)
    this.#shown.set(file, made)
    return made
  }

  async grow(file: ChangedFile, gap: Gap, side: 'before' | 'after'): Promise<void> {
    await this.shownFile(file).grow(gap, side)
  }

  noteOn(path: string, line: number, isRemoved: boolean): LineNote | undefined {
    const key = lineKey(path, line, isRemoved)
    return this.notes.find((note) => lineKey(note.path, note.line, note.isRemoved) === key)
  }

  /** @param text a blank text removes the remark */
  write(note: LineNote): void {
    const key = lineKey(note.path, note.line, note.isRemoved)
    const others = this.notes.filter((one) => lineKey(one.path, one.line, one.isRemoved) !== key)
    this.#setNotes(note.text.trim() === '' ? others : [...others, note])
    this.writing = null
  }

  #setNotes(notes: readonly LineNote[]): void {
    this.notes = notes
    keepNotes(this.#key, notes)
  }

  async approve(): Promise<void> {
    if (this.card !== undefined && (await this.app.verbs.run('approve', [this.card]))) this.#setNotes([])
  }

  async requestChanges(): Promise<void> {
    const { card } = this
    if (card === undefined) return
    const question: Question = {
      about: this.id,
      title: 'Request changes',
      text: `“${card.title}”`,
      field: {
        label: 'What has to change',
        required: true,
        value: composeNote(this.notes),
        lines: this.notes.length > 0 ? 12 : 4,
        hint: 'The next attempt reads it first.',
      },
      confirm: 'Send back',
    }
    const note = await asker.ask(question)
    if (note === null) return
    const remarks = this.notes.map(({ isRemoved, ...remark }) => ({ ...remark, removed: isRemoved }))
    await this.#act('Sending it back…', 'It was not sent back', async () => {
      // Keeps the text as the answer to the question, in case the call fails.
      asker.type(question, note)
      await this.app.client.task.request_changes({ board: this.board.slug, id: this.id, note, remarks })
      asker.type(question, question.field?.value ?? '')
      this.#setNotes([])
      this.since = null
      toasts.show(`Sent back: “${card.title}”`)
    })
  }

  /** The next task in review after this one, in the order of the column, from the top again after the last; null if there is none. */
  get nextReview(): string | null {
    const { inReview } = this.board
    const next = inReview.indexOf(this.id) + 1
    const [first] = [...inReview.slice(next), ...inReview.slice(0, next)]
    return first === this.id ? null : (first ?? null)
  }

  /** Merges. Work in review is approved in the same step. */
  async merge(): Promise<void> {
    const { diff, card } = this
    if (diff?.into == null || this.mergeRefused !== null || this.doing !== null) return
    const { into } = diff
    const isReview = card?.status === 'review'
    const message = await asker.ask(mergeQuestion(this.id, card, diff, this.board.mergeMethod))
    if (message === null) return
    const method = asker.chosen === 'squash' ? 'squash' : 'merge'
    const input = { board: this.board.slug, id: this.id, message, method } as const
    const checks =
      card?.verify_command == null ? '' : `Running the check “${card.verify_command}”, then merging`
    const doing = checks === '' ? `Merging into ${into}…` : `${checks} into ${into}…`
    await this.#act(doing, 'It was not merged', async () => {
      const { task } = await this.#checked(card?.verify_command ?? null, (options) =>
        isReview
          ? this.app.client.task.approve({ ...input, merge: true }, options)
          : this.app.client.task.merge(input, options),
      )
      this.#setNotes([])
      toasts.show(mergedWords(task) ?? 'Merged')
    })
  }

  /** Merges, and shows the check that runs first as long as there is anything to see of it. */
  async #checked<T>(command: string | null, call: (options: CallOptions) => Promise<T>): Promise<T> {
    if (command === null) return call({})
    const check = new MergeCheck(command, (window) =>
      this.app.client.task.check_log({ board: this.board.slug, id: this.id, ...window }),
    )
    this.check = check
    try {
      return await check.during(call)
    } finally {
      if (check.refusal === null) this.check = null
    }
  }

  async revert(): Promise<void> {
    const { merged } = this
    const into = this.diff?.merged?.into ?? 'its branch'
    if (merged === null || this.doing !== null) return
    const answer = await asker.ask({
      title: 'Revert the merge?',
      text: `A new commit takes this work out of ${into} again. Later commits on ${into} stay. The work also stays on its own branch, and can be merged again.`,
      confirm: 'Revert the merge',
      danger: true,
    })
    if (answer === null) return
    await this.#act(`Reverting the merge in ${into}…`, 'The merge was not reverted', async () => {
      const { commit } = await this.app.client.task.revert_merge({ board: this.board.slug, id: this.id })
      toasts.show(`The merge is reverted in ${into} by ${commit.slice(0, 9)}`)
    })
  }

  async cleanUp(): Promise<void> {
    const branch = this.diff?.branch ?? null
    if (this.cleanUpRefused !== null || this.doing !== null) return
    const answer = await asker.ask({
      title: 'Remove worktree and branch?',
      text: `The work is merged. Its worktree goes to the board’s trash${branch === null ? '' : `, and the branch ${branch} is deleted`}. The task and its diff stay.`,
      confirm: 'Remove',
    })
    if (answer === null) return
    await this.#act('Removing the worktree and the branch…', 'Nothing was removed', async () => {
      const removed = await this.app.client.task.clean_up({ board: this.board.slug, id: this.id })
      toasts.show(
        removed.branch === null
          ? 'The worktree is in the trash'
          : `The worktree is in the trash; branch ${removed.branch} is deleted`,
      )
    })
  }

  get cleanUpRefused(): string | null {
    if (this.diff?.merge_state !== 'merged') return 'Its work is not merged'
    return this.diff.worktree === null ? 'Its worktree is already gone' : null
  }

  async discard(): Promise<void> {
    const answer = await asker.ask({
      title: 'Discard this work?',
      text: `The worktree goes to the board’s trash with everything in it, and the task is archived. ${this.diff?.branch === null ? 'Its commits get a branch.' : `The branch ${this.diff?.branch ?? ''} stays.`}`,
      confirm: 'Discard',
      danger: true,
    })
    if (answer === null) return
    await this.#act('Moving the worktree to the trash…', 'It was not discarded', async () => {
      const { branch } = await this.app.client.task.discard({ board: this.board.slug, id: this.id })
      this.#setNotes([])
      toasts.show(`The worktree is in the trash; branch ${branch} stays`)
      this.app.router.go({ view: 'board', task: this.id, attempt: null, query: {} })
    })
  }

  /** @param doing shown while the call runs */
  async #act(doing: string, what: string, call: () => Promise<void>): Promise<void> {
    this.check = null
    announce(doing)
    await this.#saving.run(doing, async () => {
      try {
        await call()
      } catch (error) {
        // The output of a check is too long for a notice.
        if (this.check === null) toasts.fail(error, what)
      }
      // Still busy: no other step may start until the page shows the result.
      await this.load()
    })
  }
}

/** How many lines an open file shows. */
export function lineCount(file: ChangedFile): number {
  return file.hunks.reduce((sum, { lines }) => sum + lines.length, 0)
}

const MOST_LINES_OF_FILE = 500
const MOST_LINES = 3000

/** @returns the files that are open at first: as many as render without a delay, and none that is very long */
export function openAtFirst(files: readonly ChangedFile[]): string[] {
  let left = MOST_LINES
  const open = files.filter((file) => {
    const lines = lineCount(file)
    left -= lines
    return lines <= MOST_LINES_OF_FILE && left >= 0
  })
  return open.map(({ path }) => path)
}

export const [getDiff, setDiff] = createContext<DiffController>()
