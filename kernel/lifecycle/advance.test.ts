import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { type ClaimedTask, type Setup, setup } from '../testing/setup.ts'
import { failOpenRun } from '../testing/factories.ts'

const REVIEWED = `runboard: 1
name: reviewed
title: Made and reviewed
inputs: {goal: {type: text, required: true}}
roles:
  maker: {capability: worker}
  judge: {capability: reviewer, not_same_as: maker}
steps:
  - key: make
    stage: Make
    kind: work
    role: maker
    prompt: "Make {{inputs.goal}}"
    max_retries: 1
    on: {done: review, gave_up: help, blocked: help}
  - key: review
    stage: Review
    kind: work
    role: judge
    prompt: Is it good?
    verdicts: [accept, changes]
    metadata: {type: object, required: [findings], properties: {findings: {type: array}}}
    on:
      accept: sign_off
      changes: {to: fix, max_rounds: 1}
  - key: fix
    stage: Make
    kind: work
    role: maker
    prompt: Mend it.
    on: {done: review}
  - key: sign_off
    stage: Review
    kind: approve
    question: "Is {{inputs.goal}} good?"
    show: [steps.review.metadata.findings]
    on:
      approved: over
      changes: {to: fix, max_rounds: 2}
      rejected: dropped
  - key: help
    kind: approve
    question: It cannot be made. Give up?
    on: {approved: dropped, changes: {to: make, max_rounds: 3}}
  - {key: over, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: cancelled}
`

let bundle: Setup
let id: string

beforeEach(async () => {
  bundle = await setup()
  const { call, create } = bundle
  await call('profile.add', { name: 'coder', shell: 'true' })
  await call('profile.add', { name: 'critic', shell: 'true', capabilities: ['reviewer'] })
  await call('workflow.add', { file: REVIEWED })
  const task = await create('A card')
  id = task.id
})

async function start(): Promise<void> {
  await bundle.call('workflow.start', {
    id,
    name: 'reviewed',
    inputs: { goal: 'a thing' },
    roles: { maker: 'coder', judge: 'critic' },
  })
}

async function report(
  verdict: string | null,
  metadata: Record<string, unknown> | null = null,
): Promise<ClaimedTask> {
  const claimed = await bundle.claim(id, (await bundle.task(id)).assignee ?? undefined)
  const given = verdict === null ? {} : { verdict }
  await bundle.call(
    'task.complete',
    { id, ...given, metadata: metadata as never, summary: `said ${verdict ?? 'done'}` },
    claimed.worker,
  )
  return claimed
}

/** Where the card is: status, step and profile. */
async function place(): Promise<string> {
  const { assignee, current_step_key, status } = await bundle.task(id)
  return `${status} ${current_step_key ?? ''} ${assignee ?? ''}`
}

async function visits(): Promise<string[]> {
  const { walks } = await bundle.call('task.walk', { id })
  return (walks.at(-1)?.visits ?? []).map(
    ({ step, valid, verdict }) => `${step}:${verdict ?? 'open'}${valid ? '' : ' again'}`,
  )
}

const changes = (what: string) => report('changes', { findings: [what] })
const accept = () => report('accept', { findings: [] })

describe('a card on a workflow', () => {
  it('gets the profile of each step in turn, and is done at the end', async () => {
    await start()
    expect(await place()).toBe('ready make coder')
    await report(null)
    expect(await place()).toBe('ready review critic')
    await accept()
    expect(await place()).toBe('review sign_off critic')
    await bundle.call('task.approve', { id })
    expect(await place()).toBe('done over ')
    expect(await bundle.task(id)).toMatchObject({ workflow_run_id: null, workflow_template_id: 'reviewed' })
    expect(await visits()).toEqual(['make:done', 'review:accept', 'sign_off:approved'])
    const { walks } = await bundle.call('task.walk', { id })
    expect(walks[0]).toMatchObject({ end: 'over', end_state: 'succeeded', version: 1 })
  })

  it('gives the card its own assignee back, at the end and when the workflow is cancelled', async () => {
    await bundle.call('task.assign', { id, assignee: 'critic' })
    await start()
    await report(null)
    await accept()
    await bundle.call('task.request_changes', { id, note: 'Again' })
    expect(await place()).toBe('ready fix coder')
    await bundle.call('task.cancel_workflow', { id, reason: 'Not needed' })
    expect(await place()).toBe('ready fix critic')
    await start()
    await report(null)
    await accept()
    await bundle.call('task.approve', { id, verdict: 'rejected' })
    expect(await place()).toBe('done dropped critic')
  })

  it('gives the assignee back also after a check, which nobody is assigned to', async () => {
    const file = `runboard: 1
name: checked
title: Checked
steps:
  - {key: test, kind: check, run: "true", on: {passed: ask, failed: over}}
  - {key: ask, kind: approve, question: Good?, on: {approved: again}}
  - {key: again, kind: check, run: "true", on: {passed: over, failed: over}}
  - {key: over, kind: end, state: succeeded}
`
    await bundle.call('workflow.add', { file })
    await bundle.call('task.assign', { id, assignee: 'critic' })
    await bundle.call('workflow.start', { id, name: 'checked' })
    expect(await place()).toBe('ready test runboard:check')
    await bundle.call('task.skip', { id, verdict: 'passed', reason: 'By hand' })
    expect(await place()).toBe('review ask critic')
    await bundle.call('task.approve', { id })
    await bundle.call('task.skip', { id, verdict: 'passed', reason: 'By hand' })
    expect(await place()).toBe('done over critic')
  })

  it('keeps each run with its step, visit and verdict', async () => {
    await start()
    await report(null)
    await changes('too long')
    const runs = await bundle.runs(id)
    expect(runs.map(({ outcome, step_key, verdict }) => ({ outcome, step_key, verdict }))).toEqual([
      { outcome: 'completed', step_key: 'make', verdict: 'done' },
      { outcome: 'completed', step_key: 'review', verdict: 'changes' },
    ])
    expect(new Set(runs.map(({ visit_id }) => visit_id)).size).toBe(2)
  })

  it('refuses a verdict that the step does not have, and lists those that it has', async () => {
    await start()
    await report(null)
    const { worker } = await bundle.claim(id, 'critic')
    const error = await bundle.refused('CONFLICT', 'task.complete', { id, verdict: 'fine' }, worker)
    expect(error.message).toBe(
      `The step “review” of task ${id} has no verdict “fine”. Use one of: accept, changes.`,
    )
    await bundle.refused('CONFLICT', 'task.complete', { id }, worker)
    const noMetadata = await bundle.refused('CONFLICT', 'task.complete', { id, verdict: 'accept' }, worker)
    expect(noMetadata.message).toContain('The metadata does not fit the step “review”')
  })

  it('takes no verdict without a workflow', async () => {
    await bundle.refused('CONFLICT', 'task.complete', { id, verdict: 'done' })
  })

  it('waits for a person when the rounds are used up, and takes another round for a reason', async () => {
    await start()
    await report(null)
    await changes('too long')
    await report(null)
    await changes('still too long')
    expect(await place()).toBe('blocked review critic')
    expect(await bundle.task(id)).toMatchObject({ block_kind: 'needs_input' })
    expect(await bundle.kinds(id)).toContain('rounds_used_up')
    await bundle.call('task.more_rounds', { id, reason: 'It is nearly there' })
    expect(await place()).toBe('ready fix coder')
    const { context } = await bundle.call('task.context', { id })
    expect(context).toContain('## Put this right first')
    expect(context).toContain('still too long')
  })

  it('repeats the step when it is unblocked instead', async () => {
    await start()
    await report(null)
    await changes('a')
    await report(null)
    await changes('b')
    await bundle.call('task.unblock', { id, answer: 'Look again' })
    expect(await place()).toBe('ready review critic')
    await accept()
    expect(await place()).toBe('review sign_off critic')
  })

  it('goes back when a person requests changes, and needs the review again', async () => {
    await start()
    await report(null)
    await accept()
    await bundle.call('task.request_changes', { id, note: 'The title is wrong' })
    expect(await place()).toBe('ready fix coder')
    expect(await visits()).toEqual(['make:done', 'review:accept again', 'sign_off:changes', 'fix:open'])
    await report(null)
    expect(await place()).toBe('ready review critic')
    await accept()
    await bundle.call('task.approve', { id })
    const { took } = await bundle.call('workflow.show', { name: 'reviewed' })
    expect(took).toMatchObject({ walks: 1, rounds: 1 })
  })

  it('ends by any verdict that the question has', async () => {
    await start()
    await report(null)
    await accept()
    await bundle.refused('CONFLICT', 'task.approve', { id, verdict: 'perhaps' })
    await bundle.call('task.approve', { id, verdict: 'rejected', note: 'No' })
    expect(await place()).toBe('done dropped ')
  })

  it('takes the ways for `gave_up` and `blocked`', async () => {
    await start()
    await bundle.claim(id, 'coder')
    failOpenRun(bundle, id, { outcome: 'crashed' })
    expect(await place()).toBe('review help coder')
    await bundle.call('task.request_changes', { id, note: 'Try again' })
    const { worker } = await bundle.claim(id, 'coder')
    await bundle.call('task.block', { id, reason: 'Which one?' }, worker)
    expect(await place()).toBe('review help coder')
    expect((await visits()).slice(-2)).toEqual(['make:blocked', 'help:open'])
  })

  it('keeps a late verdict as a late write', async () => {
    await start()
    const first = await report(null)
    await bundle.call('task.complete', { id, verdict: 'done' }, first.worker).catch(() => undefined)
    expect(await place()).toBe('ready review critic')
    expect(await bundle.kinds(id)).toContain('late_write')
  })

  it('lets a person send it to another step, skip a step and cancel the workflow', async () => {
    await start()
    await report(null)
    await bundle.refused('CONFLICT', 'task.goto', { id, step: 'over', reason: 'r' })
    await bundle.call('task.goto', { id, step: 'make', reason: 'From the start' })
    expect(await visits()).toEqual(['make:done again', 'review:left again', 'make:open'])
    await bundle.refused('CONFLICT', 'task.skip', { id, verdict: 'accept', reason: 'r' })
    await bundle.call('task.skip', { id, verdict: 'done', reason: 'I made it' })
    expect(await place()).toBe('ready review critic')
    await bundle.call('task.cancel_workflow', { id, reason: 'Enough' })
    expect(await bundle.task(id)).toMatchObject({ status: 'ready', workflow_run_id: null })
    expect(await bundle.kinds(id)).toEqual(
      expect.arrayContaining(['went_back', 'step_skipped', 'workflow_ended']),
    )
  })

  it('cannot be moved to a step by an edit', async () => {
    await start()
    await bundle.refused('CONFLICT', 'task.edit', { id, current_step_key: 'fix' })
    await bundle.refused('CONFLICT', 'task.edit', { id, workflow_template_id: null })
  })

  it('refuses a worker that assigns it to another profile', async () => {
    await start()
    const other = await bundle.claim((await bundle.create('Other')).id, 'critic')
    await bundle.refused('CONFLICT', 'task.assign', { id, assignee: 'critic' }, other.worker)
    await bundle.refused('CONFLICT', 'task.edit', { id, assignee: 'critic' }, other.worker)
  })

  it('asks its question again after it was archived while it waited', async () => {
    await start()
    await report(null)
    const { worker } = await bundle.claim(id, 'critic')
    const parent = await bundle.create('Meanwhile')
    await bundle.call('link.add', { parent_id: parent.id, child_id: id })
    await bundle.call('task.complete', { id, verdict: 'accept', metadata: { findings: [] } }, worker)
    await bundle.call('task.archive', { id })
    await bundle.call('task.complete', { id: parent.id })
    await bundle.call('task.restore', { id })
    expect(await place()).toBe('review sign_off critic')
  })

  it('refuses the verbs of workflows while a worker runs', async () => {
    await start()
    await bundle.claim(id, 'coder')
    for (const [verb, input] of [
      ['task.goto', { id, step: 'fix', reason: 'r' }],
      ['task.skip', { id, verdict: 'done', reason: 'r' }],
      ['task.cancel_workflow', { id, reason: 'r' }],
    ] as const)
      await bundle.refused('CONFLICT', verb, input)
  })

  it('gives its worker the task, the verdicts and the earlier results', async () => {
    await start()
    await report(null)
    const { context } = await bundle.call('task.context', { id })
    expect(context).toMatch(
      /^# What to do now: review \(step “review” of the workflow “Made and reviewed”\)\n\nIs it good\?/,
    )
    expect(context).toContain('- `--verdict accept`: leads to “sign_off”')
    expect(context).toContain('### make: done\n\n> said done')
    expect(context).toContain('runboard complete --verdict accept|changes --summary')
  })

  it('shows a person the values of `show` with the question', async () => {
    await start()
    await report(null)
    await report('accept', { findings: ['a'] })
    const { walks } = await bundle.call('task.walk', { id })
    expect(walks[0]?.asks).toEqual({
      question: 'Is a thing good?',
      show: [{ reference: 'steps.review.metadata.findings', value: ['a'] }],
      choose: null,
      edit: null,
      form: null,
      verdicts: ['approved', 'changes', 'rejected'],
    })
  })

  it('refuses an answer for a visit that is over', async () => {
    await start()
    await report(null)
    await accept()
    const { walks } = await bundle.call('task.walk', { id })
    const visit = walks[0]?.visits[0]?.id ?? 0
    await bundle.refused('CONFLICT', 'task.approve', { id, visit })
  })

  it('waits for its parents before each step', async () => {
    const parent = await bundle.create('First')
    await bundle.call('link.add', { parent_id: parent.id, child_id: id })
    await start()
    expect(await place()).toBe('todo make coder')
    await bundle.call('task.complete', { id: parent.id })
    expect(await place()).toBe('ready make coder')
  })

  it('asks its question once the parents are done', async () => {
    await start()
    await report(null)
    const { worker } = await bundle.claim(id, 'critic')
    const parent = await bundle.create('Meanwhile')
    await bundle.call('link.add', { parent_id: parent.id, child_id: id })
    await bundle.call('task.complete', { id, verdict: 'accept', metadata: { findings: [] } }, worker)
    expect(await place()).toBe('todo sign_off critic')
    await bundle.call('task.complete', { id: parent.id })
    expect(await place()).toBe('review sign_off critic')
  })

  it('keeps its version when the file is edited', async () => {
    await start()
    await bundle.call('workflow.add', { file: REVIEWED.replace('Mend it.', 'Mend it well.'), replace: true })
    await report(null)
    await changes('x')
    expect((await bundle.call('task.context', { id })).context).toContain('Mend it.')
    const second = await bundle.create('Another')
    await bundle.call('workflow.start', {
      id: second.id,
      name: 'reviewed',
      inputs: { goal: 'b' },
      roles: { maker: 'coder', judge: 'critic' },
    })
    const { changes: found } = await bundle.call('workflow.diff', { name: 'reviewed', from: 1, to: 2 })
    expect(found).toEqual([{ path: 'steps.fix.prompt', before: 'Mend it.', after: 'Mend it well.' }])
  })

  it('puts inputs into prompts unchanged, and never resolves a reference in them', async () => {
    const goal = '{{steps.make.summary}} $(rm -rf /) `x`'
    await bundle.call('workflow.start', {
      id,
      name: 'reviewed',
      inputs: { goal },
      roles: { maker: 'coder', judge: 'critic' },
    })
    expect((await bundle.call('task.context', { id })).context).toContain(`Make ${goal}`)
  })

  it('stays at its step when its profile is removed, and gives that as the reason', async () => {
    await start()
    await bundle.call('profile.remove', { name: 'coder' })
    expect((await bundle.show(id)).why).toMatchObject({ gate: 'unknown_profile' })
  })
})

it('waits for a person when the workflow has run for longer than its limit', async () => {
  await bundle.call('workflow.add', {
    file: REVIEWED.replace('roles:', 'limits: {max_runtime_hours: 2}\nroles:'),
    replace: true,
  })
  await start()
  bundle.clock.advance(2 * 3_600_000 + 1)
  await report(null)
  expect(await place()).toBe('blocked make coder')
  expect((await bundle.task(id)).block_reason).toContain('longer than its limit of 2 h')
  expect(await bundle.kinds(id)).not.toContain('rounds_used_up')
  await bundle.call('task.more_rounds', { id, reason: 'Let it finish' })
  expect(await place()).toBe('ready review critic')
})

describe('a start', () => {
  const roles = { maker: 'coder', judge: 'critic' }

  it('is refused when something is missing, and changes nothing', async () => {
    const { refused } = bundle
    const input = { id, name: 'reviewed', inputs: { goal: 'x' }, roles }
    await refused('INVALID_INPUT', 'workflow.start', { ...input, inputs: {} })
    await refused('INVALID_INPUT', 'workflow.start', { ...input, inputs: { goal: 'x', more: 'y' } })
    await refused('CONFLICT', 'workflow.start', { ...input, roles: { maker: 'critic', judge: 'critic' } })
    await refused('CONFLICT', 'workflow.start', { ...input, roles: { maker: 'coder', judge: 'coder' } })
    await refused('INVALID_INPUT', 'workflow.start', { ...input, roles: { ...roles, third: 'coder' } })
    await refused('CONFLICT', 'workflow.start', { ...input, roles: { maker: 'critic', judge: 'coder' } })
    await refused('NOT_FOUND', 'workflow.start', { ...input, name: 'nothing' })
    await start()
    await refused('CONFLICT', 'workflow.start', input)
  })

  it('comes with the card when it is created', async () => {
    const task = await bundle.create({
      workflow_template_id: 'reviewed',
      inputs: { goal: 'x' },
      roles,
      title: 'New',
    })
    expect(task).toMatchObject({ status: 'ready', current_step_key: 'make', assignee: 'coder' })
  })

  it('keeps a name without a workflow as a label', async () => {
    const task = await bundle.create({
      workflow_template_id: 'build',
      current_step_key: 'code',
      title: 'Old',
    })
    expect(task).toMatchObject({
      workflow_template_id: 'build',
      current_step_key: 'code',
      workflow_run_id: null,
    })
    const shipped = await bundle.create({
      workflow_template_id: 'release',
      current_step_key: 'draft',
      title: 'Old',
    })
    expect(shipped).toMatchObject({ current_step_key: 'draft', workflow_run_id: null })
    await bundle.refused('NOT_FOUND', 'task.create', {
      title: 'x',
      workflow_template_id: 'build',
      inputs: { a: 'b' },
    })
  })

  it('runs a file of the project only after a person trusts it, and trusts only that content', async () => {
    const project = join(bundle.home, '..', `${bundle.slug}-project`)
    mkdirSync(join(project, '.runboard', 'workflows'), { recursive: true })
    const path = join(project, '.runboard', 'workflows', 'reviewed.yaml')
    writeFileSync(path, REVIEWED.replace('Is it good?', 'Is it very good?'))
    await bundle.call('board.set', { slug: bundle.slug, settings: { project_dir: project } })
    const input = { id, name: 'reviewed', inputs: { goal: 'x' }, roles }
    const error = await bundle.refused('CONFLICT', 'workflow.start', input)
    expect(error.message).toContain('Is it very good?')
    await bundle.refused('CONFLICT', 'workflow.trust', { name: 'reviewed' })
    const { digest } = await bundle.call('workflow.show', { name: 'reviewed' })
    writeFileSync(path, REVIEWED.replace('Is it good?', 'Is it bad?'))
    await bundle.refused('CONFLICT', 'workflow.trust', { name: 'reviewed', digest: digest ?? '' })
    const now = await bundle.call('workflow.show', { name: 'reviewed' })
    await bundle.call('workflow.trust', { name: 'reviewed', digest: now.digest ?? '' })
    await bundle.call('workflow.start', input)
    expect(await place()).toBe('ready make coder')
  })
})
