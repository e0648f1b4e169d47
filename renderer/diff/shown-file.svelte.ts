import type { ChangedFile, Client } from '../../contract/index.ts'
import { Saving } from '../shared/saving.svelte.ts'
import { type Gap, gapsOf, growHunks } from './code/grown-hunks.ts'

/** The number of lines that one press of a button adds. */
export const MORE_LINES = 20
/** A gap of at most this many lines is filled by one press. */
const WHOLE_GAP = 40

export interface Source {
  client: Client
  board: string
  /** The id of the task. */
  id: string
  /** The commit that the diff is measured against. */
  commit: string
}

/** The shown lines of a changed file: those of its diff, and those that the user added around them. */
export class ShownFile {
  hunks = $state.raw<ChangedFile['hunks']>([])
  #total = $state<number | null>(null)
  readonly #file: ChangedFile
  readonly #source: Source
  readonly #reading = new Saving()

  constructor(file: ChangedFile, source: Source) {
    this.#file = file
    this.#source = source
    this.hunks = file.hunks
  }

  get busy(): boolean {
    return this.#reading.busy !== null
  }

  get gaps(): Gap[] {
    return gapsOf({ ...this.#file, hunks: this.hunks }, this.#total)
  }

  /**
   * Shows more lines of a gap.
   *
   * @param side `before`: next to the hunk before the gap; `after`: next to the hunk after it
   */
  async grow(gap: Gap, side: 'before' | 'after'): Promise<void> {
    if (this.busy) return
    const [from, to] = stretchOf(gap, side)
    const { client, board, id, commit } = this.#source
    const path = this.#file.old_path ?? this.#file.path
    const call = () => client.task.file_lines({ board, id, commit, path, from, to })
    const answer = await this.#reading.run('saving', call, 'The lines could not be read')
    if (answer === null) return
    this.#total = answer.total
    this.hunks = growHunks(this.hunks, gap.at, from, answer.lines)
  }
}

function stretchOf({ from, to }: Gap, side: 'before' | 'after'): [from: number, to: number] {
  if (to !== null && to - from < WHOLE_GAP) return [from, to]
  if (to === null || side === 'before') return [from, from + MORE_LINES - 1]
  return [to - MORE_LINES + 1, to]
}
