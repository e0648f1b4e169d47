import type { Board, Client } from '../../contract/index.ts'
import { BoardStore } from '../board/board-store.svelte.ts'
import { asFailure, type Failure, isTransient } from '../shared/errors.ts'
import { Router } from '../shared/router.svelte.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import { VerbRunner } from '../shared/verb-runner.svelte.ts'
import type { Runboard } from '../shared/context.ts'

const TRY_AGAIN = 3000

/** The state of the window: the boards, and the open one. */
export class AppController implements Runboard {
  readonly client: Client
  readonly router = new Router()
  readonly verbs: VerbRunner

  /** `first_start`: there is no board yet. `missing`: the address names a board that does not exist. */
  phase = $state<'connecting' | 'first_start' | 'open' | 'missing' | 'failed'>('connecting')
  failure = $state.raw<Failure | null>(null)
  boards = $state.raw<readonly Board[]>([])
  board = $state.raw<BoardStore | null>(null)
  /** The overlay that is open. */
  overlay = $state<'palette' | 'keys' | 'new-board' | null>(null)

  /** The board in the address, read at the same time as the list of boards. */
  #ahead: BoardStore | null = null
  #again: ReturnType<typeof setTimeout> | undefined

  constructor(client: Client) {
    this.client = client
    this.verbs = new VerbRunner(client, () => this.board)
  }

  /** Reads the boards and opens the one in the address, else the current one. */
  async start(): Promise<void> {
    clearTimeout(this.#again)
    const listed = this.readBoards()
    const { board } = this.router.route
    this.#dropAhead() // that of an earlier start, which may not have ended
    if (board !== null && this.board === null) this.#ahead = this.#begin(board)
    try {
      await listed
    } catch (error) {
      this.#dropAhead()
      this.failure = asFailure(error)
      this.phase = 'failed'
      if (isTransient(this.failure)) this.#again = setTimeout(() => void this.start(), TRY_AGAIN)
      return
    }
    this.failure = null
    this.follow(this.router.route.board)
  }

  async readBoards(): Promise<void> {
    const { boards } = await this.client.board.list({})
    this.boards = boards
  }

  /** Opens the board in the address. Without one, it opens the current board and puts it into the address. */
  follow(slug: string | null): void {
    const wanted =
      slug ?? this.board?.slug ?? (this.boards.find((board) => board.current) ?? this.boards[0])?.slug
    if (wanted === undefined) {
      this.#dropAhead()
      this.#close()
      this.phase = 'first_start'
      return
    }
    if (slug === null && this.router.route.view !== 'settings') this.router.replace({ board: wanted })
    if (this.board?.slug === wanted) return
    this.#close()
    if (this.#ahead?.slug !== wanted || !this.#isListed(wanted)) this.#dropAhead()
    if (!this.#isListed(wanted)) {
      void this.#look(wanted)
      return
    }
    this.board = this.#ahead ?? this.#begin(wanted)
    this.#ahead = null
    this.phase = 'open'
  }

  #begin(slug: string): BoardStore {
    const store = new BoardStore(this.client, slug)
    void store.start()
    return store
  }

  #dropAhead(): void {
    this.#ahead?.stop()
    this.#ahead = null
  }

  #isListed(slug: string): boolean {
    return this.boards.some((board) => board.slug === slug)
  }

  /** Another process may have created the board after the list was read. */
  async #look(slug: string): Promise<void> {
    try {
      await this.readBoards()
    } catch (error) {
      toasts.fail(error, 'The boards could not be read')
    }
    if (this.#isListed(slug)) this.follow(slug)
    else this.phase = 'missing'
  }

  /** Makes another board the current one and opens it, also a board that is too new for the list. */
  async switchTo(slug: string): Promise<void> {
    if (!this.#isListed(slug)) await this.readBoards()
    this.router.go({ board: slug, view: 'board', task: null, attempt: null, section: null, query: {} })
    await this.client.board.switch({ slug })
    await this.readBoards()
  }

  #close(): void {
    this.board?.stop()
    this.board = null
  }

  /** The board was removed: `start` opens another one. */
  leave(slug: string): void {
    if (this.board?.slug !== slug) return
    this.#close()
    this.phase = 'connecting' // until `start` has read which boards are left
    this.router.replace({ board: null, view: 'board', task: null, attempt: null, query: {} })
  }

  stop(): void {
    clearTimeout(this.#again)
    this.#dropAhead()
    this.#close()
  }
}
