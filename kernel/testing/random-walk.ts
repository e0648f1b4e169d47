import fc from 'fast-check'
import { expect } from 'vitest'
import type { StepOf, WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import { type ItemState, MERGE_PROFILE, WORKFLOW_LIMITS } from '../../contract/workflow-kinds.ts'
import { endJoin, sendItemBack } from '../lifecycle/end-join.ts'
import { itemsToJoin, type PutRight, recordJoined } from '../lifecycle/join.ts'
import { getTask } from '../lifecycle/moved.ts'
import { openWalkOf } from '../lifecycle/walk.ts'
import { advance, LEFT, NO_RESULT, openVisit, type VisitResult } from '../workflow/engine.ts'
import { graphOf, reportableVerdicts, waysOf } from '../workflow/graph.ts'
import { handoffOfItems, sentenceOfItems, verdictOfItems } from '../workflow/items.ts'
import { apply, begin, type Given, give, simulate, type Walked } from '../workflow/simulate.ts'
import { definitionIn } from '../workflow/test-definition.ts'
import { failOpenRun } from './factories.ts'
import { itemCards, PART } from './mapping.ts'
import type { RandomDefinition } from './random-definition.ts'
import { makeRepository } from './repository.ts'
import { type Setup, temporaryFolder, workerOf } from './setup.ts'
import { engineVisit } from './walking.ts'

const ACTIONS = [
  ...(['verdict', 'verdict', 'verdict', 'verdict', 'block', 'crash', 'stop', 'archive'] as const),
  ...(['skip', 'goto', 'more_rounds', 'unblock', 'join', 'join'] as const),
] as const
const ITEM_ACTIONS = [
  'finish',
  'finish',
  'finish',
  'fail',
  'shelve',
  'let_go',
  'again',
  'wait',
  'delete',
] as const

/** One action on the card, or on one of its items; `n` chooses its details, modulo how many there are. */
export type WalkAction = { does: (typeof ACTIONS)[number] | (typeof ITEM_ACTIONS)[number]; n: number }

/** @param own actions on the card itself */
function actions(own: readonly (typeof ACTIONS)[number][]): fc.Arbitrary<WalkAction[]> {
  const does = fc.oneof(fc.constantFrom(...own), fc.constantFrom(...ITEM_ACTIONS))
  const action = fc.record({ does, n: fc.nat({ max: 1000 }) })
  return fc.array(action, { minLength: 4, maxLength: 24, size: 'max' })
}

export const walkActions = actions(ACTIONS)

/** Actions by which only verdicts move the card, so that a simulation of these can repeat the walk. */
export const plainActions = actions([
  'verdict',
  'verdict',
  'verdict',
  'block',
  'crash',
  'stop',
  'archive',
  'join',
])

/** Few different texts, so that a round sometimes asks for the same as the one before. */
const WORDS = ['Nothing to say', 'The roof leaks', 'The floor creaks']
const CONFLICT: PutRight = { why: 'conflict', branch: 'main', files: ['a.txt'], output: null }

interface ModelItem {
  state: ItemState
  isJoined: boolean
  isDeleted: boolean
  sentBack: number
}

/** What a card at a map step does: wait for its items, join their work, or wait for a person because it cannot. */
type Phase = 'waiting' | 'joining' | 'stuck'

/** A card on a random workflow, beside the same walk in the pure engine. Items and their joins are modelled here. */
export class RandomWalk {
  readonly #bundle: Setup
  readonly #id: string
  readonly #hasBranches: boolean
  #walk: Walked
  #items = new Map<string, ModelItem>()
  #phase: Phase = 'waiting'
  /** The result of the verdict that a limit has stopped. */
  #held: VisitResult = NO_RESULT

  private constructor(bundle: Setup, id: string, walk: Walked, hasBranches: boolean) {
    this.#bundle = bundle
    this.#id = id
    this.#walk = walk
    this.#hasBranches = hasBranches
    this.#enterItems()
  }

  static async start(setUp: Setup, { file, inputs, workspace }: RandomDefinition): Promise<RandomWalk> {
    const bundle = checkedOnce(setUp)
    const { call, create } = bundle
    for (const name of ['builder', 'tester']) await call('profile.add', { name, shell: 'true' })
    for (const text of [PART, file]) await call('workflow.add', { file: text })
    if (workspace === 'worktree') {
      const { folder } = makeRepository(temporaryFolder('runboard-project-', true))
      await call('board.set', { slug: bundle.slug, settings: { project_dir: folder } })
    }
    const { id } = await create({ title: 'A card', workspace, max_retries: 1 })
    const needsPart = file.includes('"part"')
    const roles = needsPart ? { builder: 'builder' } : {}
    await call('workflow.start', { id, name: 'random', inputs: inputs as Record<string, never>, roles })
    return new RandomWalk(bundle, id, begin(definitionIn(file), inputs), workspace === 'worktree')
  }

  get #definition(): WorkflowDefinition {
    return this.#walk.definition
  }

  get #step(): WorkflowStep {
    const step = graphOf(this.#definition).steps.get(openVisit(this.#walk).step)
    return step ?? expect.fail('it is at no step')
  }

  async do({ does, n }: WalkAction): Promise<void> {
    if (this.#walk.end !== null) return
    const text = WORDS[n % WORDS.length] ?? ''
    if (this.#walk.waits !== null) await this.#actOnLimit(does, n, text)
    else if (!isItemAction(does)) await this.#act(does, n, text)
    else if (this.#step.kind === 'map') await this.#actOnItem(does, n)
    else await this.#act('verdict', n, text)
    await this.compare()
  }

  /** What a person can do with a card that a limit of rounds has stopped. */
  async #actOnLimit(does: WalkAction['does'], n: number, text: string): Promise<void> {
    const { call } = this.#bundle
    const id = this.#id
    const { waits } = this.#walk
    if (waits?.move !== 'wait') throw new Error('the items of the random definitions can always be made')
    switch (does) {
      case 'more_rounds': {
        await call('task.more_rounds', { id, reason: text })
        const event = { event: 'one_more_round', verdict: waits.verdict, ...this.#held } as const
        this.#move(apply(this.#walk, advance(this.#walk, event), this.#held))
        return
      }
      case 'goto':
        return this.#goTo(n)
      case 'skip':
        return this.#skip(n, text)
      case 'unblock':
        await call('task.unblock', { id, answer: text })
        this.#walk = { ...this.#walk, waits: null }
        if (this.#step.kind === 'map') this.#settle()
        return
      default:
      // Other actions do nothing here.
    }
  }

  async #act(does: (typeof ACTIONS)[number], n: number, text: string): Promise<void> {
    const { call, claim } = this.#bundle
    const id = this.#id
    const step = this.#step
    switch (does) {
      case 'verdict':
        return step.kind === 'map' ? this.#actOnItem('finish', n) : this.#giveVerdict(step, n, text)
      case 'block': {
        if (step.kind === 'approve' || this.#phase === 'stuck') return
        await call('task.block', { id, reason: text })
        if (hasWay(step, 'blocked')) return this.#give({ verdict: 'blocked', summary: text })
        await call('task.unblock', { id })
        if (step.kind === 'map') this.#resume()
        return
      }
      case 'crash': {
        if (step.kind !== 'work') return
        await claim(id)
        failOpenRun(this.#bundle, id, { error: text })
        if (hasWay(step, 'gave_up')) return this.#give({ verdict: 'gave_up', summary: text })
        await call('task.unblock', { id })
        return
      }
      case 'stop':
        if (step.kind !== 'work') return
        await claim(id)
        await call('task.stop', { id })
        await call('task.release', { id })
        return
      case 'archive':
        await call('task.archive', { id })
        await call('task.restore', { id })
        if (step.kind === 'map' && this.#phase !== 'stuck') this.#resume()
        return
      case 'skip':
        return this.#skip(n, text)
      case 'goto':
        return this.#goTo(n)
      case 'join':
        return this.#join(n, text)
      case 'unblock':
        if (step.kind !== 'map' || this.#phase !== 'stuck') return
        await call('task.unblock', { id })
        this.#resume()
        return
      case 'more_rounds':
        return
    }
  }

  async #giveVerdict(step: WorkflowStep, n: number, text: string): Promise<void> {
    const { call, claim } = this.#bundle
    const id = this.#id
    if (step.kind !== 'work' && step.kind !== 'approve') return
    const verdicts = reportableVerdicts(step).filter((one) => one !== 'blocked' && one !== 'gave_up')
    const verdict = verdicts[n % verdicts.length] ?? ''
    if (step.kind === 'approve') await call('task.approve', { id, verdict, note: text })
    else {
      const { worker } = await claim(id)
      await call('task.complete', { id, verdict, summary: text }, worker)
    }
    this.#give({ verdict, summary: text })
  }

  async #skip(n: number, text: string): Promise<void> {
    const ways = waysOf(this.#step)
    const { verdict } = ways[n % ways.length] ?? expect.fail('it has no way')
    await this.#bundle.call('task.skip', { id: this.#id, verdict, reason: text })
    const end = { head: null, summary: text, metadata: this.#handoff() }
    this.#move(
      apply(this.#walk, advance(this.#walk, { event: 'verdict', by_person: true, verdict, ...end }), end),
    )
    this.#held = end
  }

  async #goTo(n: number): Promise<void> {
    const here = openVisit(this.#walk).step
    const others = this.#definition.steps.filter(
      ({ key, kind }) => key !== here && kind !== 'end' && kind !== 'decide',
    )
    const to = others[n % Math.max(1, others.length)]?.key
    if (to === undefined) return
    await this.#bundle.call('task.goto', { id: this.#id, step: to, reason: 'There' })
    this.#move(apply(this.#walk, advance(this.#walk, { event: 'go_to', step: to })))
  }

  /** Does what a run that joins the work of the items does: the bits of `n` say whose work does not fit. */
  async #join(n: number, text: string): Promise<void> {
    if (this.#step.kind !== 'map' || this.#phase !== 'joining') return
    const { claim, write } = this.#bundle
    await claim(this.#id)
    const results = write((tx) => {
      const task = getTask(tx, this.#id)
      const open = openWalkOf(tx, task) ?? expect.fail('it has no walk')
      const { visit } = open
      const done = itemsToJoin(tx, open).map(({ item }, index) => {
        const joining = { carrier: task, visit, item }
        const fits = ((n >> index) & 1) === 0
        const result = fits
          ? (recordJoined(tx, joining, null), 'joined')
          : sendItemBack(tx, joining, CONFLICT, null)
            ? 'sent_back'
            : 'stuck'
        return [item.item_key, result] as const
      })
      const stuck = done.some(([, result]) => result === 'stuck') ? text : null
      endJoin(tx, getTask(tx, this.#id), { head: null, stuck, summary: text })
      return new Map(done)
    })
    expect([...results.keys()]).toEqual(this.#unjoined().map(([key]) => key))
    for (const [key, item] of this.#unjoined()) {
      const result = results.get(key)
      const mayBeSentBack = item.sentBack < WORKFLOW_LIMITS.sent_back
      if (result === 'joined') item.isJoined = true
      else if (result === 'sent_back') {
        expect(mayBeSentBack).toBe(true)
        Object.assign(item, { state: 'open', sentBack: item.sentBack + 1 })
      }
    }
    if ([...results.values()].includes('stuck')) this.#phase = 'stuck'
    else this.#settle()
  }

  async #actOnItem(does: (typeof ITEM_ACTIONS)[number], n: number): Promise<void> {
    const { call, task } = this.#bundle
    const [key, item] = [...this.#items][n % Math.max(1, this.#items.size)] ?? []
    const card = key === undefined ? '' : ((await itemCards(this.#bundle, this.#id)).get(key) ?? '')
    if (key === undefined || item === undefined) return
    expect(card === '').toBe(item.isDeleted)
    if (card === '') return
    const { status, workflow_run_id } = await task(card)
    switch (does) {
      case 'finish':
      case 'fail': {
        if (item.state !== 'open') return
        // A card that was reopened is on no workflow.
        const isPart = (this.#step as StepOf<'map'>).do === 'part' && workflow_run_id !== null
        const verdict = does === 'finish' ? 'good' : 'bad'
        await call('task.complete', { id: card, ...(isPart && { verdict }) })
        item.state = isPart && does === 'fail' ? 'failed' : 'succeeded'
        break
      }
      case 'shelve':
        if (status === 'archived') return
        await call('task.archive', { id: card })
        if (item.state !== 'open') return
        item.state = 'failed'
        break
      case 'let_go': {
        const isUnjoined = this.#unjoined().some(([one]) => one === key)
        if (item.state !== 'open' && !isUnjoined) return
        await call('task.let_item_go', { id: this.#id, item: key, reason: 'Enough' })
        item.state = 'let_go'
        if (this.#phase === 'stuck') return this.#resume()
        break
      }
      case 'again': {
        if (status !== 'done' && status !== 'archived') return
        await call(status === 'done' ? 'task.reopen' : 'task.restore', { id: card })
        if (item.state === 'let_go' || (await task(card)).status === 'done') return
        Object.assign(item, { state: 'open', isJoined: false })
        if (this.#phase === 'joining') this.#phase = 'waiting'
        return
      }
      case 'wait':
        if (status === 'ready') await call('task.block', { id: card, reason: 'Which?' })
        else if (status === 'blocked') await call('task.unblock', { id: card })
        return
      case 'delete':
        if (status !== 'archived') return
        await call('task.delete', { id: card })
        item.isDeleted = true
        return
    }
    if (this.#phase === 'waiting') this.#settle()
  }

  /** A person has acted, so joining may send the items back again. */
  #resume(): void {
    for (const item of this.#items.values()) item.sentBack = 0
    this.#settle()
  }

  /** Ends the visit of the map step when no item is open, and no work waits to be joined. */
  #settle(): void {
    const states = [...this.#items.values()].map(({ state }) => state)
    const verdict = verdictOfItems(this.#step as StepOf<'map'>, states)
    if (verdict === null) this.#phase = 'waiting'
    else if (this.#unjoined().length > 0) this.#phase = 'joining'
    else this.#give({ verdict, summary: sentenceOfItems(states), metadata: this.#handoff() })
  }

  #unjoined(): [string, ModelItem][] {
    if (!this.#hasBranches) return []
    return [...this.#items].filter(
      ([, { isDeleted, isJoined, state }]) => state === 'succeeded' && !isJoined && !isDeleted,
    )
  }

  /** The handoff of the items; null at another step. The engine does not know their cards. */
  #handoff(): Record<string, unknown> | null {
    if (this.#step.kind !== 'map') return null
    return handoffOfItems(
      [...this.#items].map(([key, { state }]) => ({
        ...{ key, task_id: null, summary: null, metadata: null },
        state: state === 'open' ? 'let_go' : state,
      })),
    )
  }

  #give(given: Given): void {
    this.#held = { ...NO_RESULT, ...given }
    this.#move(give(this.#walk, given))
  }

  #move(walk: Walked): void {
    const isStopped = walk.waits !== null
    this.#walk = walk
    if (!isStopped) this.#enterItems()
  }

  #enterItems(): void {
    this.#phase = 'waiting'
    this.#items = new Map(
      this.#walk.items.map((key) => [key, { state: 'open', isJoined: false, isDeleted: false, sentBack: 0 }]),
    )
  }

  async compare(): Promise<void> {
    this.#bundle.invariants()
    const { walks } = await this.#bundle.call('task.walk', { id: this.#id })
    const [walk] = walks
    expect(walk?.visits.map(engineVisit)).toEqual(this.#walk.visits.map(engineVisit))
    // A visit that a person left with *go to* never counts, so no step reads its handoff.
    const counting = walk?.visits.filter(({ verdict }) => verdict !== LEFT && verdict !== null)
    expect(counting?.map(({ outputs }) => withoutCards(outputs))).toEqual(
      this.#walk.visits
        .filter(({ verdict }) => verdict !== LEFT && verdict !== null)
        .map(({ metadata }) => metadata),
    )
    expect(walk?.end ?? null).toBe(this.#walk.end?.step ?? null)
    const { assignee, status } = await this.#bundle.task(this.#id)
    expect(status).toBe(this.#status())
    if (this.#walk.end !== null) return
    expect(assignee === MERGE_PROFILE).toBe(this.#step.kind === 'map' && status === 'ready')
    const items = walk?.visits.at(-1)?.items ?? []
    expect(items.map(({ key, state }) => [key, state])).toEqual(
      [...this.#items].map(([key, { state }]) => [key, state]),
    )
  }

  #status(): string {
    const { end, waits } = this.#walk
    if (end !== null) return 'done'
    if (waits !== null) return 'blocked'
    if (this.#step.kind === 'approve') return 'review'
    if (this.#step.kind !== 'map') return 'ready'
    return { waiting: 'todo', joining: 'ready', stuck: 'blocked' }[this.#phase]
  }

  /** Compares the walk with a simulation of its recorded verdicts. Only these may have moved the card. */
  async compareWithSimulation(): Promise<void> {
    const { walks } = await this.#bundle.call('task.walk', { id: this.#id })
    const visits = walks[0]?.visits ?? []
    const { steps } = graphOf(this.#definition)
    const given = visits
      .filter(({ items, step }) => {
        const kind = steps.get(step)?.kind
        return kind !== 'decide' && (kind !== 'map' || items.length > 0)
      })
      .flatMap(({ held_verdict, outputs, summary, verdict: left }): Given[] => {
        const verdict = left ?? held_verdict
        return verdict === null ? [] : [{ verdict, summary, metadata: outputs }]
      })
    const { used, walk } = simulate(this.#definition, this.#walk.inputs, given)
    expect(used).toBe(given.length)
    expect(walk.visits.map(engineVisit)).toEqual(visits.map(engineVisit))
    expect(walk.end).toEqual(this.#walk.end)
    expect(walk.waits).toEqual(this.#walk.waits)
  }
}

/** The same bundle, which does not check the invariants after each call: an action makes several calls. */
function checkedOnce(bundle: Setup): Setup {
  const { kernel, person, slug } = bundle
  const call: Setup['call'] = (name, input, caller = person) => kernel.call(name, input, caller)
  return {
    ...bundle,
    call,
    claim: async (id) => {
      const claimed = await call('task.claim', { id })
      return { ...claimed, worker: workerOf(claimed, slug) }
    },
    create: async (given) => (await call('task.create', { title: 'A task', ...(given as object) })).task,
    task: async (id) => (await call('task.show', { id })).task,
  }
}

function isItemAction(does: WalkAction['does']): does is (typeof ITEM_ACTIONS)[number] {
  return (ITEM_ACTIONS as readonly string[]).includes(does)
}

function hasWay(step: WorkflowStep, verdict: string): boolean {
  return waysOf(step).some((way) => way.verdict === verdict)
}

/** A handoff without the fields that only the board knows. */
function withoutCards(given: Record<string, unknown> | null): Record<string, unknown> | null {
  if (given === null || !Array.isArray(given['items'])) return given
  const items = given['items'] as { key: string; state: ItemState }[]
  return {
    ...given,
    items: items.map(({ key, state }) => ({ key, state, task_id: null, summary: null, metadata: null })),
  }
}
