import { taskIn } from './factories.ts'
import { type Setup, setup } from './setup.ts'

/** A board with at least one of everything. */
export async function fullBoard(): Promise<Setup> {
  const bundle = await setup()
  const { create, claim, call, slug, clock } = bundle
  await call('board.set', {
    slug,
    settings: { name: 'Full', icon: '🎬', max_running: 3, accept_plans: true },
  })
  for (const status of [
    'triage',
    'todo',
    'ready',
    'running',
    'review',
    'blocked',
    'done',
    'archived',
  ] as const)
    await taskIn(bundle, status, { title: `In ${status}` })
  clock.advance(1234)
  const rich = await create({
    title: 'Rich “quotes” \\ back\nnext',
    body: 'ünïcödé 🙂 \u2028 line',
    assignee: 'coder',
    priority: -3,
    tenant: 'acme',
    skills: ['a', 'b'],
    max_retries: 2,
    max_runtime_seconds: 60,
    idempotency_key: 'k1',
    not_before_at: 5,
    workflow_template_id: 'w',
    current_step_key: 's',
  })
  const { worker } = await claim(rich.id)
  await call('task.heartbeat', { id: rich.id, note: 'half way' }, worker)
  await call('comment.add', { id: rich.id, body: 'from a run' }, worker)
  const ask = { id: rich.id, title: 'Which?', timeout_seconds: 0 }
  const { question } = await call('question.ask', { ...ask, options: ['a', 'b'], diff: '-a\n+b' }, worker)
  await call('question.answer', { question: String(question.id), option: 'b', text: 'better' })
  await call('question.ask', { ...ask, form: { type: 'object' } }, worker)
  await call(
    'task.complete',
    { id: rich.id, summary: 'did it', metadata: { deep: { list: [1, 'two', null] } } },
    worker,
  )
  await call('comment.add', { id: rich.id, body: 'thanks' })
  const waits = await claim((await create('Waits')).id)
  await call('question.ask', { id: waits.task.id, title: 'And now?', timeout_seconds: 0 }, waits.worker)
  await call('message.tell', { id: waits.task.id, body: 'Hurry', interrupt: true })
  const parent = await create('Parent')
  await create({ title: 'Child', parents: [parent.id, rich.id] })
  await call('task.hold', { id: parent.id, reason: 'later' })
  const gone = await create('Gone')
  await call('task.archive', { id: gone.id })
  await call('task.delete', { id: gone.id })
  await call('workflow.add', { file: ASKED })
  await create({ title: 'Asked', workflow_template_id: 'asked', inputs: { goal: 'x' } })
  const agreed = await create({ title: 'Agreed', workflow_template_id: 'asked', inputs: { goal: 'y' } })
  await call('task.request_changes', { id: agreed.id, note: 'Say more' })
  await call('task.approve', { id: agreed.id, metadata: { more: [1] } })
  await call('workflow.add', { file: EACH })
  const each = await create({
    title: 'Each',
    workflow_template_id: 'each',
    inputs: { goals: ['one', 'two', 'three'] },
  })
  const { items = [] } = await call('task.show', { id: each.id })
  await call('task.approve', { id: items[0]?.task?.id ?? '', note: 'Good' })
  await call('task.let_item_go', { id: each.id, item: 'two', reason: 'Not needed' })
  await call('view.save', { name: 'Mine', query: { q: 'x' } })
  await call('inbox.show', { seen: true })
  await call('dispatcher.pause', {})
  return bundle
}

const ASKED = `runboard: 1
name: asked
title: Asked
inputs: {goal: {type: string, required: true}}
steps:
  - {key: ask, kind: approve, question: "{{inputs.goal}}?", on: {approved: over, changes: {to: ask, max_rounds: 2}}}
  - {key: over, kind: end, state: succeeded}
`

const EACH = `runboard: 1
name: each
title: Each
inputs: {goals: {type: list, required: true}}
steps:
  - key: each
    kind: map
    over: inputs.goals
    do: asked
    with: {goal: "{{item}}"}
    on: {succeeded: over, some_failed: over}
  - {key: over, kind: end, state: succeeded}
`
