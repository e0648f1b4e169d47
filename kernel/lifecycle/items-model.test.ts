import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ItemState } from '../../contract/workflow-kinds.ts'
import { undocumentedFields } from '../testing/documented-events.ts'
import { addMaps, itemCards, MAPPED } from '../testing/mapping.ts'
import { cleanUpNow, setup, type Setup } from '../testing/setup.ts'
import { advance, openVisit } from '../workflow/engine.ts'
import { handoffOfItems, sentenceOfItems, verdictOfItems } from '../workflow/items.ts'
import { apply, begin, give, type Walked } from '../workflow/simulate.ts'
import { definitionIn } from '../workflow/test-definition.ts'

const definition = definitionIn(
  MAPPED.replace('    max_parallel: 2\n', '')
    .replace(', after: {', ', x: {')
    .replace('    after: after\n', ''),
)

/** The walk in memory, and the state of each item of the map step that it is at. */
interface Model {
  walk: Walked
  states: Map<string, ItemState>
}

const KEYS = ['a', 'b', 'c']

type Action =
  | { does: 'report'; items: number }
  | { does: 'finish' | 'archive' | 'let_go' | 'again' | 'block' | 'delete'; item: number }
  | { does: 'skip' | 'goto' | 'pause' }

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ does: fc.constant('report' as const), items: fc.integer({ min: 0, max: 3 }) }),
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constantFrom('finish', 'archive', 'let_go', 'again', 'block', 'delete'),
      item: fc.integer({ min: 0, max: 2 }),
    }),
  },
  fc.record({ does: fc.constantFrom('skip', 'goto', 'pause') }),
)

/** Most actions need items, so each sequence begins with this one. */
const FIRST: Action = { does: 'report', items: 3 }

const withItems = (walk: Walked): Model => ({ walk, states: new Map(walk.items.map((key) => [key, 'open'])) })

type Handoff = Record<string, unknown> | null

/** The handoff of the items. The end of the visit lets open items go. The engine does not know the reports of their cards. */
const handoff = ({ states }: Model): Record<string, unknown> =>
  handoffOfItems(
    [...states].map(([key, state]) => ({
      ...{ key, task_id: null, summary: null, metadata: null },
      state: state === 'open' ? 'let_go' : state,
    })),
  )

/** A handoff without the fields that only the board knows. */
function withoutCards(given: Handoff): Handoff {
  if (given === null || !Array.isArray(given['items'])) return given
  const items = given['items'] as { key: string; state: ItemState }[]
  return {
    ...given,
    items: items.map(({ key, state }) => ({ key, state, task_id: null, summary: null, metadata: null })),
  }
}

/** Ends the visit of the map step when no item is open any more. */
function joined(model: Model): Model {
  const { states, walk } = model
  const verdict = verdictOfItems({ join: 'all_done' }, [...states.values()])
  return verdict === null
    ? { walk, states }
    : withItems(
        give(walk, { verdict, summary: sentenceOfItems([...states.values()]), metadata: handoff(model) }),
      )
}

async function step(bundle: Setup, id: string, model: Model, one: Action, n: number): Promise<Model> {
  const { call } = bundle
  const { walk } = model
  if (walk.end !== null || walk.waits !== null) return model
  const { step: at } = openVisit(walk)
  const summary = 'x'.repeat(n + 1)
  if (one.does === 'goto') {
    const to = at === 'plan' ? 'report' : 'plan'
    await call('task.goto', { id, step: to, reason: 'There' })
    return withItems(apply(walk, advance(walk, { event: 'go_to', step: to })))
  }
  if (one.does === 'report') {
    if (at === 'parts') return model
    const parts = KEYS.slice(0, one.items).map((key) => ({ key, what: key }))
    const { worker } = await bundle.claim(id, 'planner')
    await call('task.complete', { id, summary, metadata: { parts } }, worker)
    return withItems(give(walk, { verdict: 'done', summary, metadata: { parts } }))
  }
  if (at !== 'parts') return model
  if (one.does === 'skip') {
    await call('task.skip', { id, verdict: 'succeeded', reason: summary })
    return withItems(give(walk, { verdict: 'succeeded', summary, metadata: handoff(model) }))
  }
  if (!('item' in one)) {
    await call('task.block', { id, reason: 'Wait' })
    await call('task.unblock', { id })
    return model
  }
  const key = [...model.states.keys()][one.item]
  const card = key === undefined ? '' : ((await itemCards(bundle, id)).get(key) ?? '')
  const state = key === undefined ? undefined : model.states.get(key)
  if (key === undefined || card === '' || state === undefined) return model
  const to = (next: ItemState) => joined({ walk, states: new Map(model.states).set(key, next) })
  const { status } = await bundle.task(card)
  switch (one.does) {
    case 'finish':
      if (state !== 'open') return model
      await call('task.complete', { id: card })
      return to('succeeded')
    case 'archive':
      if (status === 'archived') return model
      await call('task.archive', { id: card })
      return state === 'open' ? to('failed') : model
    case 'let_go':
      if (state !== 'open') return model
      await call('task.let_item_go', { id, item: key, reason: 'Go' })
      return to('let_go')
    case 'again': {
      if (status !== 'done' && status !== 'archived') return model
      await call(status === 'done' ? 'task.reopen' : 'task.restore', { id: card })
      const { status: now } = await bundle.task(card)
      return state === 'let_go' || now === 'done' ? model : to('open')
    }
    case 'block':
      if (status === 'ready') await call('task.block', { id: card, reason: 'Which?' })
      else if (status === 'blocked') await call('task.unblock', { id: card })
      return model
    case 'delete':
      if (status === 'archived') await call('task.delete', { id: card })
      return model
  }
}

it('agrees with the pure engine about items after any sequence of actions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 18 }), async (actions) => {
      const bundle = await setup({ inMemory: true })
      await addMaps(bundle)
      const { id } = await bundle.create('Carrier')
      await bundle.call('workflow.start', { id, name: 'mapped' })
      let model = withItems(begin(definition, {}))
      for (const [n, one] of [FIRST, ...actions].entries()) {
        model = await step(bundle, id, model, one, n)
        const { walks } = await bundle.call('task.walk', { id })
        const visits = walks[0]?.visits ?? []
        const shown = ({ step: at, valid, verdict, visit }: (typeof model.walk.visits)[number]) =>
          `${at} ${visit} ${verdict ?? 'open'} ${valid}`
        expect(
          visits.map((visit) => `${visit.step} ${visit.visit} ${visit.verdict ?? 'open'} ${visit.valid}`),
        ).toEqual(model.walk.visits.map(shown))
        // A visit that a person left with *go to* never counts, so no step reads its handoff.
        const counting = visits.filter(({ verdict }) => verdict !== 'left')
        expect(counting.map(({ outputs }) => withoutCards(outputs))).toEqual(
          model.walk.visits.filter(({ verdict }) => verdict !== 'left').map(({ metadata }) => metadata),
        )
        const items = visits.at(-1)?.items ?? []
        expect(new Map(items.map(({ key, state }) => [key, state]))).toEqual(model.states)
        bundle.inspector.check()
      }
      expect(undocumentedFields(await bundle.events())).toEqual([])
      await cleanUpNow()
    }),
    // Each run takes up to 20 writes: more of them reach the time limit on a loaded machine.
    { numRuns: 40 },
  )
}, 180_000)
