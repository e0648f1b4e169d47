import { expect, it } from 'vitest'
import { setupAgents } from '../testing/agents/fake-agents.ts'

/** The check fails twice, for different reasons. */
const LOOP = `runboard: 1
name: loop
title: Loop
steps:
  - {key: build, kind: work, profile: coder, prompt: Build the fence., on: {done: test}}
  - key: test
    kind: check
    run: |
      echo tried >> tries
      case $(wc -l < tries) in 1) echo the gate is open; exit 1;; 2) echo the latch is open; exit 1;; esac
    on: {passed: review, failed: {to: fix, max_rounds: 3}}
  - {key: fix, kind: work, profile: coder, session: resume build, prompt: Put it right., on: {done: test}}
  - {key: review, kind: work, profile: judge, prompt: Look at it., on: {done: over}}
  - {key: over, kind: end, state: succeeded}
`

async function walked(file: string) {
  const bundle = await setupAgents()
  const { agent, call, create, drain, path, runs } = bundle
  await agent('claude-code', 'coder')
  await agent('claude-code', 'judge', { capabilities: ['reviewer'] })
  await call('workflow.add', { file })
  const { id } = await create({
    title: 'A fence',
    body: 'Around the garden.',
    workspace: `dir:${path('work')}`,
  })
  await call('workflow.start', { id, name: 'loop' })
  await drain()
  expect((await bundle.task(id)).status).toBe('done')
  const all = await runs(id)
  return { bundle, runs: all, of: (key: string) => all.filter(({ step_key }) => step_key === key) }
}

it('a step continues the session of the step that it names, in each round', async () => {
  const { bundle, of } = await walked(LOOP)
  const [build] = of('build')
  const [first, second] = of('fix')
  expect(first).toMatchObject({ session_choice: 'resumed', resumed_from_run: build?.id })
  expect(second, 'what the first fix did is part of it').toMatchObject({
    session_choice: 'resumed',
    resumed_from_run: first?.id,
    agent_session_id: build?.agent_session_id,
  })
  expect([build, first, second].map((run) => run?.usage?.['cost_usd'])).toEqual([0.1, 0.1, 0.1])

  const prompts = bundle.promptsOf(bundle.calls().find(({ resumed }) => resumed !== null))
  expect(prompts).toHaveLength(3)
  expect(prompts[0]).toContain('Around the garden.')
  for (const changes of prompts.slice(1)) {
    expect(changes).toContain('Put it right.')
    expect(changes).toMatch(/the (gate|latch) is open/)
    expect(changes).not.toContain('Around the garden.')
  }
})

it('a reviewer begins a session of its own', async () => {
  const { bundle, of } = await walked(LOOP)
  const [review] = of('review')
  expect(review).toMatchObject({ session_choice: null, resumed_from_run: null })
  expect(review?.agent_session_id).not.toBe(of('build')[0]?.agent_session_id)
  const call = bundle.calls().at(-1)
  expect(call).toMatchObject({ resumed: null })
  expect(bundle.promptsOf(call)[0]).toContain('Around the garden.')
})

it('a step without a session begins a new one on each visit, and says so', async () => {
  const { of } = await walked(LOOP.replace('session: resume build, ', ''))
  expect(of('fix')).toMatchObject([{ session_choice: null }, { session_choice: 'new_step' }])
})
