import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { TRIGGERS } from './test-doors.ts'
import type { HappyPaths } from './test-happy-path.ts'
import { addProfile, answerOf, type Scene, type Stage } from './test-stage.ts'

const some = expect.anything()

async function blocked(scene: Scene): Promise<string> {
  const id = await scene.create()
  await scene.do('task.block', { id, reason: 'Which?' })
  return id
}

/** A task with an attached file, whose content is an “x”. */
async function attached(scene: Scene): Promise<{ id: string; attachment: number }> {
  const id = await scene.create()
  const content = Buffer.from('x').toString('base64')
  const { attachments } = await scene.do('attachment.add', { id, attachments: [{ name: 'x.txt', content }] })
  return { id, attachment: attachments[0].id }
}

/** A running task with an open question. */
async function asked(scene: Scene, fields: object = {}): Promise<{ id: string; question: { id: number } }> {
  const { id } = await scene.running()
  const { question } = await scene.do('question.ask', { id, title: 'Which?', timeout_seconds: 0, ...fields })
  return { id, question }
}

/** A running task and a message to its worker. */
async function told(scene: Scene) {
  const { id, worker } = await scene.running()
  const { message } = await scene.do('message.tell', { id, body: 'Mind the gap' })
  return { id, worker, message: message as { id: number } }
}

async function inReview(scene: Scene): Promise<string> {
  const { id } = await scene.running()
  await scene.do('task.request_review', { id, summary: 'Look' })
  return id
}

/** A task that a real worker has completed, with output in its log. */
async function dispatched(scene: Scene, stage: Stage): Promise<{ id: string; run_id: number }> {
  const profile = stage.freshName()
  await addProfile(stage, profile, { shell: 'echo “ça” marche' })
  const id = await scene.create({ assignee: profile })
  await scene.do('dispatcher.dispatch', { wait: true })
  const { runs } = await scene.do('task.runs', { id })
  return { id, run_id: runs[0].id }
}

const hello = '“ça” marche\n'
const log = {
  content: hello,
  from: 0,
  next: Buffer.byteLength(hello),
  size: Buffer.byteLength(hello),
  ended: true,
}

/** Successful calls of the operations on tasks, runs, links and comments. */
export const TASK_PATHS: HappyPaths = {
  'task.create': async (scene) => {
    const parent = await scene.create()
    const fields = {
      title: 'Über',
      body: 'First line\n\n- `second`',
      assignee: 'coder',
      priority: -5,
      tenant: 'acme',
      held: true,
      not_before_at: Date.UTC(2030, 1, 1),
      branch: 'topic',
      base_ref: 'main',
      max_runtime_seconds: 90,
      max_retries: 2,
      skills: ['a', 'b'],
      model: 'm',
      verify_command: 'npm test',
      idempotency_key: 'k',
      workflow_template_id: 'w',
      current_step_key: 's',
    }
    await scene.giveProject()
    const input = {
      ...fields,
      workspace: 'worktree:/tmp/x',
      parents: [parent],
      children: [await scene.create()],
    }
    const gives = { ...fields, status: 'todo', workspace_kind: 'worktree', workspace_path: '/tmp/x' }
    return { input, gives: { task: gives, created: true } }
  },
  'task.list': async (scene) => {
    const id = await scene.create({ title: 'Findable', tenant: 'acme', assignee: 'coder' })
    await scene.create({ title: 'Other' })
    const input = {
      status: ['ready', 'todo'],
      search: 'findable',
      tenant: 'acme',
      assignee: 'coder',
      limit: 5,
    }
    return { input, gives: { tasks: [{ id, parents: [], open_parents: [], comment_count: 0, why: some }] } }
  },
  'task.show': async (scene) => {
    const { id } = await scene.running({ title: 'Shown' })
    const task = { id, title: 'Shown', status: 'running' }
    return { input: { id }, gives: { task, runs: [{ attempt: 1, outcome: null }], comments: [], why: null } }
  },
  'task.why': async (scene) => {
    const id = await scene.create({ held: true })
    return { input: { id }, gives: { why: { gate: 'held', sentence: expect.stringMatching(/\.$/) } } }
  },
  'task.context': async (scene) => {
    const id = await scene.create({ title: 'Read me' })
    return { input: { id }, gives: { context: expect.stringContaining('Read me'), run_id: null } }
  },
  'task.edit': async (scene) => {
    const id = await scene.create({ title: 'Old', body: 'Text', max_retries: 3 })
    const changes = { title: 'New', priority: 7, tenant: 't', skills: ['c'], max_retries: null }
    return { input: { id, ...changes }, gives: { task: { ...changes, body: 'Text' } } }
  },
  'task.assign': async (scene) => {
    const id = await scene.create()
    return { input: { id, assignee: 'coder' }, gives: { task: { id, assignee: 'coder' } } }
  },
  'task.delete': async (scene) => {
    const id = await scene.create()
    await scene.do('task.archive', { id })
    return { input: { id }, gives: { deleted: true, id } }
  },
  'task.claim': async (scene, _stage, door) => {
    const id = await scene.create({ assignee: 'coder' })
    const run = { task_id: id, attempt: 1, profile: 'coder', outcome: null, trigger: TRIGGERS[door] }
    return {
      input: { id, ttl_seconds: 60 },
      gives: { task: { status: 'running' }, run, claim: expect.any(String) },
    }
  },
  'task.heartbeat': async (scene) => {
    const { id, worker } = await scene.running()
    const run = { last_heartbeat_at: expect.any(Number), last_heartbeat_note: 'on it' }
    return { input: { id, note: 'on it' }, gives: { task: { id }, run }, env: worker }
  },
  'question.ask': async (scene) => {
    const { id, worker } = await scene.running()
    const input = { id, title: 'Which, please?', options: ['A, or so', 'B'], timeout_seconds: 0 }
    const question = { task_id: id, title: input.title, options: input.options, state: 'open', kind: 'text' }
    return { input, gives: { question }, env: worker }
  },
  'question.permission': async (scene) => {
    const { id, worker } = await scene.running()
    const input = { id, tool_name: 'mcp__runboard__show', input: { id }, tool_use_id: 'x' }
    return { input, gives: { behavior: 'allow', updatedInput: { id } }, env: worker }
  },
  'question.wait': async (scene) => {
    const { question } = await asked(scene)
    await scene.do('question.answer', { question: String(question.id), text: 'This' })
    const input = { question_id: question.id, timeout_seconds: 5 }
    return { input, gives: { question: { id: question.id, state: 'answered', answer: { text: 'This' } } } }
  },
  'question.show': async (scene) => {
    const { question } = await asked(scene, { diff: '-a\n+b' })
    const gives = { question: { id: question.id, diff: '-a\n+b', has_diff: true, is_cut: false } }
    return { input: { question_id: question.id }, gives }
  },
  'question.list': async (scene) => {
    const { id, question } = await asked(scene)
    return { input: { task_id: id, all: true, limit: 3 }, gives: { questions: [question] } }
  },
  'question.answer': async (scene) => {
    const { id, question } = await asked(scene, { options: ['A', 'B'] })
    const answer = { option: 'B', text: 'Because', form: null }
    const input = { question: id, option: 'B', text: 'Because' }
    return { input, gives: { question: { id: question.id, state: 'answered', answer } } }
  },
  'question.withdraw': async (scene) => {
    const { question } = await asked(scene)
    const gives = { question: { id: question.id, state: 'withdrawn', withdrawn_why: 'withdrawn' } }
    return { input: { question_id: question.id }, gives }
  },
  'message.tell': async (scene) => {
    const { id } = await scene.running()
    const input = { id, body: 'Use the old brass', interrupt: true }
    const message = { task_id: id, body: input.body, interrupt: true, state: 'queued' }
    return { input, gives: { message, warnings: [expect.stringContaining('next attempt')] } }
  },
  'message.list': async (scene) => {
    const { id, message } = await told(scene)
    return { input: { id, since: 0, queued: true, limit: 5 }, gives: { messages: [message] } }
  },
  'message.deliver': async (scene) => {
    const { id, message, worker } = await told(scene)
    const input = { id, message_id: message.id, how: 'during the turn' }
    const gives = { message: { id: message.id, state: 'delivered', delivered_how: 'during the turn' } }
    return { input, gives, env: worker }
  },
  'task.complete': async (scene) => {
    const { id, worker } = await scene.running()
    const handoff = {
      summary: 'It works',
      metadata: { files: ['a.ts'], nested: { deep: [null, true, 1.5] } },
    }
    const gives = { task: { id, status: 'done', result: 'R' }, run: { outcome: 'completed', ...handoff } }
    return { input: { id, ...handoff, result: 'R' }, gives, env: worker }
  },
  'task.request_review': async (scene) => {
    const { id, worker } = await scene.running()
    const handoff = { summary: 'Please look', metadata: { a: 1 } }
    const gives = { task: { status: 'review' }, run: { outcome: 'review_requested', ...handoff } }
    return { input: { id, ...handoff }, gives, env: worker }
  },
  'task.approve': async (scene) => {
    const id = await inReview(scene)
    return { input: { id, note: 'Good' }, gives: { task: { id, status: 'done' } } }
  },
  'task.request_changes': async (scene) => {
    const id = await inReview(scene)
    return { input: { id, note: 'Not yet' }, gives: { task: { id, status: 'ready' } } }
  },
  'task.block': async (scene) => {
    const { id, worker } = await scene.running()
    const block = { status: 'blocked', block_kind: 'capability', block_reason: 'No network' }
    const run = { outcome: 'blocked', summary: 'No network' }
    return {
      input: { id, reason: 'No network', kind: 'capability' },
      gives: { task: block, run },
      env: worker,
    }
  },
  'task.unblock': async (scene) => {
    const id = await blocked(scene)
    return { input: { id, answer: 'This one' }, gives: { task: { status: 'ready', block_kind: null } } }
  },
  'task.retry': async (scene) => {
    const id = await blocked(scene)
    return { input: { id, note: 'Again' }, gives: { task: { id, status: 'ready' } } }
  },
  'task.session': async (scene) => {
    const id = await blocked(scene)
    return { input: { id }, gives: { plan: null, if_resumed: null } }
  },
  'task.stop': async (scene) => {
    const { id } = await scene.running()
    return { input: { id }, gives: { task: { status: 'ready', held: true }, run: { outcome: 'stopped' } } }
  },
  'task.reclaim': async (scene) => {
    const { id } = await scene.running()
    return {
      input: { id, reason: 'Mine' },
      gives: { task: { status: 'ready' }, run: { outcome: 'reclaimed' } },
    }
  },
  'task.runs': async (scene) => {
    const id = await blocked(scene)
    const run = { attempt: 1, outcome: 'blocked', summary: 'Which?', metadata: null, elapsed_ms: 0 }
    return { input: { id }, gives: { runs: [run] } }
  },
  'task.log': async (scene, stage) => {
    const { id, run_id } = await dispatched(scene, stage)
    return { input: { id, attempt: 1 }, gives: { run_id, attempt: 1, ...log } }
  },
  'task.check_log': async (scene, stage) => {
    const { id, run_id } = await dispatched(scene, stage)
    return { input: { id }, gives: { run_id, content: '', ended: true, check: null } }
  },
  'run.list': async (scene) => {
    const id = await blocked(scene)
    const run = {
      task_id: id,
      attempt: 1,
      outcome: 'blocked',
      same_error_tasks: 0,
      title: expect.any(String),
    }
    const which = { task_id: id, outcomes: ['blocked'], open: false, since: 1000 }
    return { input: { ...which, order: 'oldest', limit: 5 }, gives: { runs: [run], next: null } }
  },
  'run.errors': async (scene) => {
    const id = await blocked(scene)
    return { input: { search: 'nothing like it', task_id: id, limit: 5 }, gives: { errors: [], total: 0 } }
  },
  'run.show': async (scene, stage) => {
    const { id, run_id } = await dispatched(scene, stage)
    const run = { id: run_id, task_id: id }
    const gives = { run, context: expect.stringContaining(id), events: [some], same_error_tasks: 0 }
    return { input: { id: run_id }, gives: { ...gives, events: expect.arrayContaining([some]) } }
  },
  'run.log': async (scene, stage) => {
    const { run_id } = await dispatched(scene, stage)
    return { input: { id: run_id }, gives: { run_id, ...log } }
  },
  'task.rank': async (scene) => {
    const [first, id] = [await scene.create(), await scene.create()]
    return { input: { id, before: first }, gives: { task: { id } } }
  },
  'task.hold': async (scene) => {
    const id = await scene.create()
    return { input: { id }, gives: { task: { id, held: true } } }
  },
  'task.release': async (scene) => {
    const id = await scene.create({ held: true })
    return { input: { id }, gives: { task: { id, held: false } } }
  },
  'task.schedule': async (scene) => {
    const [id, not_before_at] = [await scene.create(), Date.UTC(2030, 5, 1, 12)]
    return { input: { id, not_before_at }, gives: { task: { id, not_before_at } } }
  },
  'task.promote': async (scene) => {
    const id = await scene.create({ triage: true })
    return { input: { id }, gives: { task: { id, status: 'ready' } } }
  },
  'task.reopen': async (scene) => {
    const id = await scene.create()
    await scene.do('task.complete', { id })
    return { input: { id, note: 'Once more' }, gives: { task: { status: 'ready', completed_at: null } } }
  },
  'task.move': async (scene) => {
    const id = await scene.create()
    const gives = { task: { status: 'blocked', block_reason: 'Wait' } }
    return { input: { id, status: 'blocked', note: 'Wait' }, gives }
  },
  'task.archive': async (scene) => {
    const id = await scene.create()
    return { input: { id }, gives: { task: { id, status: 'archived' } } }
  },
  'task.restore': async (scene) => {
    const id = await blocked(scene)
    await scene.do('task.archive', { id })
    return { input: { id }, gives: { task: { id, status: 'blocked', block_reason: 'Which?' } } }
  },
  'task.bulk': async (scene) => {
    const ids = [await scene.create(), await scene.create()]
    const gives = { results: ids.map((id) => ({ id, task: { id, status: 'archived' } })) }
    return { input: { ids, verb: 'archive' }, gives }
  },
  'task.plan': async (scene, stage) => {
    const profile = stage.freshName()
    await addProfile(stage, profile, { capabilities: ['planner'] })
    const id = await scene.create({ triage: true })
    const planner = { assignee: profile, plan_of: id, status: 'ready' }
    return { input: { id, profile }, gives: { task: { id, status: 'triage' }, planner } }
  },
  'task.accept_plan': async (scene, stage) => {
    const profile = stage.freshName()
    await addProfile(stage, profile, { capabilities: ['planner'] })
    const id = await scene.create({ triage: true })
    const { planner } = await scene.do('task.plan', { id, profile })
    const worker = await scene.claim(planner.id, profile)
    const door = await stage.door('kernel', worker)
    const { task: part } = answerOf(await door.call('task.create', { title: 'Part', board: scene.slug }))
    return { input: { id }, gives: { task: { id, status: 'todo' }, released: [part.id] } }
  },
  'link.add': async (scene) => {
    const [parent_id, child_id] = [await scene.create(), await scene.create()]
    const gives = { parent_id, child_id, changed: true, child: { id: child_id, status: 'todo' } }
    return { input: { parent_id, child_id }, gives }
  },
  'link.remove': async (scene) => {
    const parent_id = await scene.create()
    const child_id = await scene.create({ parents: [parent_id] })
    return { input: { parent_id, child_id }, gives: { changed: true, child: { status: 'ready' } } }
  },
  'attachment.add': async (scene) => {
    const id = await scene.create()
    const path = join(scene.home, 'notes.md')
    writeFileSync(path, '# Notes')
    const file = { task_id: id, run_id: null, name: 'notes.md', media_type: 'text/plain', size_bytes: 7 }
    return { input: { id, attach: [path] }, gives: { task: { id }, attachments: [file] } }
  },
  'attachment.list': async (scene) => {
    const { id, attachment } = await attached(scene)
    return { input: { id }, gives: { attachments: [{ id: attachment, task_id: id }] } }
  },
  'attachment.read': async (scene) => {
    const { attachment } = await attached(scene)
    return { input: { attachment_id: attachment }, gives: { content: Buffer.from('x').toString('base64') } }
  },
  'attachment.remove': async (scene) => {
    const { id, attachment } = await attached(scene)
    return { input: { attachment_id: attachment }, gives: { task: { id }, attachment: { id: attachment } } }
  },
  'comment.add': async (scene) => {
    const id = await scene.create()
    const comment = { task_id: id, body: '- a “bullet”', author: 'ada', run_id: null }
    return { input: { id, body: '- a “bullet”' }, gives: { task: { id }, comment } }
  },
}
