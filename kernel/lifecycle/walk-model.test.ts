import fc from 'fast-check'
import { expect, it } from 'vitest'
import { undocumentedFields } from '../testing/documented-events.ts'
import { failOpenRun } from '../testing/factories.ts'
import { cleanUpNow, setup, type Setup } from '../testing/setup.ts'
import { engineVisit, LOOPED, walkingTask } from '../testing/walking.ts'
import { advance, openVisit } from '../workflow/engine.ts'
import { readWorkflowFile } from '../workflow/read-file.ts'
import { apply, begin, give, type Walked } from '../workflow/simulate.ts'

const definition = (() => {
  const read = readWorkflowFile(LOOPED)
  if (read.definition === null) throw new Error(JSON.stringify(read.problems))
  return read.definition
})()

const ACTIONS = [
  'first',
  'second',
  'block',
  'crash',
  'more_rounds',
  'goto',
  'skip',
  'unblock',
  'stop',
] as const
type Action = (typeof ACTIONS)[number]

/** Verdicts of each step, the usual one first. */
const VERDICTS: Record<string, [string, string]> = {
  build: ['done', 'done'],
  test: ['good', 'bad'],
  ask: ['approved', 'changes'],
}

/** The summary of the verdict that a limit of rounds stopped. */
const heldSummary = new WeakMap<Walked, string>()

/** Applies an action to the card and to the model; returns the model after it. */
async function step(bundle: Setup, id: string, model: Walked, action: Action, n: number): Promise<Walked> {
  if (model.end !== null) return model
  const { call } = bundle
  const key = openVisit(model).step
  const summary = 'x'.repeat(n + 1)
  const [first, second] = VERDICTS[key] ?? ['', '']
  const given = (verdict: string) => give(model, { verdict, summary })
  if (model.waits?.move === 'wait') {
    const { verdict } = model.waits
    const held = { head: null, summary: heldSummary.get(model) ?? null, metadata: null }
    if (action === 'more_rounds') {
      await call('task.more_rounds', { id, reason: 'More' })
      return apply(model, advance(model, { event: 'one_more_round', verdict, ...held }), held)
    }
    if (action === 'goto') return goTo(bundle, id, model)
    await call('task.unblock', { id, answer: 'Again' })
    return { ...model, waits: null }
  }
  switch (action) {
    case 'first':
    case 'second': {
      const verdict = action === 'first' ? first : second
      if (key === 'ask') {
        await call('task.approve', { id, verdict, note: summary })
        const end = { head: null, summary, metadata: null }
        return apply(model, advance(model, { event: 'verdict', verdict, by_person: true, ...end }), end)
      }
      const { worker } = await bundle.claim(id, key === 'build' ? 'builder' : 'tester')
      await call('task.complete', { id, verdict, summary }, worker)
      const after = given(verdict)
      if (after.waits !== null) heldSummary.set(after, summary)
      return after
    }
    case 'block': {
      if (key !== 'build') return model
      const { worker } = await bundle.claim(id, 'builder')
      await call('task.block', { id, reason: summary }, worker)
      return given('blocked')
    }
    case 'crash': {
      if (key !== 'build') return model
      await bundle.claim(id, 'builder')
      await call('task.edit', { id, max_retries: 1 }).catch(() => undefined)
      failOpenRun(bundle, id, { outcome: 'crashed', error: summary })
      return given('gave_up')
    }
    case 'skip': {
      const verdict = key === 'ask' ? 'rejected' : first
      await call('task.skip', { id, verdict, reason: summary })
      const end = { head: null, summary, metadata: null }
      return apply(model, advance(model, { event: 'verdict', verdict, by_person: true, ...end }), end)
    }
    case 'goto':
      return goTo(bundle, id, model)
    case 'stop':
    case 'unblock':
    case 'more_rounds':
      return model
  }
}

async function goTo({ call }: Setup, id: string, model: Walked): Promise<Walked> {
  const target = openVisit(model).step === 'build' ? 'test' : 'build'
  await call('task.goto', { id, step: target, reason: 'There' })
  return apply(model, advance(model, { event: 'go_to', step: target }))
}

it('agrees with the pure engine after any sequence of actions', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...ACTIONS), { minLength: 1, maxLength: 14 }),
      async (actions) => {
        const bundle = await setup({ inMemory: true })
        const id = await walkingTask(bundle)
        await bundle.call('task.edit', { id, max_retries: 1 })
        let model = begin(definition, {})
        for (const [n, action] of actions.entries()) {
          model = await step(bundle, id, model, action, n)
          const { walks } = await bundle.call('task.walk', { id })
          expect(walks[0]?.visits.map(engineVisit)).toEqual(model.visits.map(engineVisit))
          expect(walks[0]?.end ?? null).toBe(model.end?.step ?? null)
          const { status } = await bundle.task(id)
          expect(status === 'blocked').toBe(model.waits !== null)
          expect(status === 'done').toBe(model.end !== null)
        }
        expect(undocumentedFields(await bundle.events())).toEqual([])
        await cleanUpNow()
      },
    ),
    { numRuns: 60 },
  )
}, 180_000)
