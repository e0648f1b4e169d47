import { untrack } from 'svelte'
import type { Card, Client, OperationOutput } from '../../../contract/index.ts'
import type { TaskStatus } from '../../../contract/states.ts'
import { plural } from '../../../formats/count.ts'
import { asker } from '../../shared/ask.svelte.ts'
import type { Router } from '../../shared/router.svelte.ts'
import { toasts } from '../../shared/toasts.svelte.ts'
import type { BoardStore } from '../board-store.svelte.ts'
import type { BoardFilter } from '../filter/board-filter.svelte.ts'
import { fillLanes, laneRefusal, lanesOf, type StageLane } from './stage-lanes.ts'

/** The parts of the board that the stages need. */
interface StagedBoard {
  readonly client: Client
  readonly router: Router
  readonly store: BoardStore
  readonly filter: BoardFilter
  readonly statuses: readonly TaskStatus[]
  cards(ids: readonly string[]): Card[]
}

/** The board by the stages of a workflow. The address names the workflow. */
export class BoardStages {
  workflows = $state.raw<OperationOutput<'workflow.list'>['workflows'] | null>(null)
  #lanes = $state.raw<readonly StageLane[]>([])
  error = $state<string | null>(null)
  #filled: readonly StageLane[] = []
  readonly #board: StagedBoard

  /** The workflow in the address, else the first with a running walk, else the first; null without workflows. */
  readonly name: string | null = $derived.by(() => {
    const asked = this.#board.router.route.query['workflow']
    const all = this.workflows ?? []
    return asked ?? (all.find(({ running }) => running > 0) ?? all[0])?.name ?? null
  })
  readonly lanes: readonly StageLane[] = $derived.by(() => {
    const { store, statuses, filter } = this.#board
    void store.revision
    const ids = statuses.flatMap((status) => filter.visible(status))
    const { name } = this
    const lanes = this.#lanes
    return untrack(() => {
      if (name === null) return []
      // Keeps the object of a lane whose cards have not changed, so that its list does not render again.
      const before = this.#filled
      const filled = fillLanes(lanes, name, this.#board.cards(ids)).map((lane) => {
        const old = before.find(({ key }) => key === lane.key)
        const isSame =
          old !== undefined &&
          old.name === lane.name &&
          isEqual(old.ids, lane.ids) &&
          isEqual(old.steps, lane.steps) &&
          isEqual(targetTexts(old), targetTexts(lane))
        return isSame ? old : lane
      })
      this.#filled = filled
      return filled
    })
  })

  constructor(board: StagedBoard) {
    this.#board = board
  }

  async readWorkflows(): Promise<void> {
    await this.#try(async () => {
      const { workflows } = await this.#board.client.workflow.list({ board: this.#board.store.slug })
      this.workflows = workflows.filter(({ problems }) => problems.length === 0)
    })
  }

  async readSteps(name: string): Promise<void> {
    await this.#try(async () => {
      const { steps } = await this.#board.client.workflow.show({ board: this.#board.store.slug, name })
      if (name === this.name) this.#lanes = lanesOf(steps)
    })
  }

  choose(name: string): void {
    const { route } = this.#board.router
    this.#board.router.replace({ query: { ...route.query, workflow: name } })
  }

  refusal(lane: StageLane, ids: readonly string[]): string | null {
    return this.name === null ? 'No workflow is chosen' : laneRefusal(lane, this.name, this.#board.cards(ids))
  }

  /** Asks for a reason, then sends cards to a step of a lane. */
  async send(ids: readonly string[], lane: StageLane): Promise<void> {
    const cards = this.#board.cards(ids)
    const [first] = cards
    const [target] = lane.targets
    if (first === undefined || target === undefined || this.refusal(lane, ids) !== null) return
    const options = lane.targets.map(({ key, name }) => ({ value: key, label: name }))
    const reason = await asker.ask({
      about: ids.join(' '),
      title: lane.targets.length === 1 ? `Go to “${target.name}”` : `Go to a step of “${lane.name}”`,
      text: `${plural(cards.length, `“${first.title}”`, `${cards.length} tasks`)}: that step and all later steps run again.`,
      field: { label: 'Reason', required: true, lines: 2, hint: 'The history of the task keeps it.' },
      ...(lane.targets.length === 1 ? {} : { choice: { label: 'Step', options, value: target.key } }),
      confirm: 'Go there',
    })
    if (reason === null) return
    const step = lane.targets.length === 1 ? target.key : asker.chosen
    for (const { id, title } of cards) {
      try {
        await this.#board.client.task.goto({ board: this.#board.store.slug, id, step, reason })
      } catch (error) {
        toasts.fail(error, `“${title}” was not sent`)
      }
    }
    void this.#board.store.refresh()
  }

  async #try(read: () => Promise<void>): Promise<void> {
    try {
      await read()
      this.error = null
    } catch (error) {
      toasts.fail(error, 'The stages could not be read')
      this.error = 'The stages could not be read.'
    }
  }
}

function targetTexts({ targets }: StageLane): string[] {
  return targets.map(({ key, name }) => `${key} ${name}`)
}

function isEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index])
}
