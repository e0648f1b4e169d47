import { expect } from 'vitest'
import { makeRepository } from '../../kernel/testing/repository.ts'
import { join } from 'node:path'
import type { HappyPaths } from './test-happy-path.ts'
import { addProfile, type Scene, type Stage } from './test-stage.ts'

/** @returns the text of a workflow with one step of work and a question after it */
function file(name: string, profile: string): string {
  return `runboard: 1
name: ${name}
title: Small
steps:
  - {key: make, kind: work, profile: ${profile}, prompt: Make it., on: {done: ask}}
  - {key: ask, kind: approve, question: Good?, on: {approved: over, changes: {to: make, max_rounds: 1}}}
  - {key: over, kind: end, state: succeeded}
`
}

interface Prepared {
  name: string
  profile: string
  text: string
}

/** Adds a workflow to the home, and a profile for it. */
async function prepared(scene: Scene, stage: Stage): Promise<Prepared> {
  const [name, profile] = [`w-${stage.freshName()}`, stage.freshName()]
  await addProfile(stage, profile, { shell: 'true', completion: 'exit-code' })
  const text = file(name, profile)
  await scene.do('workflow.add', { file: text })
  return { name, profile, text }
}

/** Puts a new card at the first step of a workflow. */
async function started(scene: Scene, stage: Stage): Promise<Prepared & { id: string }> {
  const workflow = await prepared(scene, stage)
  const id = await scene.create()
  await scene.do('workflow.start', { id, name: workflow.name })
  return { ...workflow, id }
}

const reason = 'Because'

/** Successful calls of the operations on workflows. */
export const WORKFLOW_PATHS: HappyPaths = {
  'workflow.list': (_scene, _stage) =>
    Promise.resolve({
      input: {},
      gives: { workflows: expect.arrayContaining([expect.objectContaining({ name: 'feature' })]) },
    }),
  'workflow.show': () =>
    Promise.resolve({
      input: { name: 'feature' },
      gives: { name: 'feature', source: 'builtin', trusted: true },
    }),
  'workflow.check': (_scene, stage) => {
    const name = `w-${stage.freshName()}`
    return Promise.resolve({ input: { file: file(name, 'anybody') }, gives: { name, steps: 3 } })
  },
  'workflow.trust': async (scene, stage) => {
    const { name } = await prepared(scene, stage)
    const { digest } = (await scene.do('workflow.show', { name })) as { digest: string }
    return { input: { name, digest }, gives: { name, digest, trusted: true } }
  },
  'workflow.add': (_scene, stage) => {
    const name = `w-${stage.freshName()}`
    return Promise.resolve({ input: { file: file(name, 'anybody') }, gives: { name } })
  },
  'workflow.remove': async (scene, stage) => {
    const { name } = await prepared(scene, stage)
    return { input: { name }, gives: { name, path: expect.stringContaining('removed') } }
  },
  'workflow.export': async (scene, stage) => {
    const { name, text } = await prepared(scene, stage)
    return { input: { name }, gives: { name, file: text } }
  },
  'workflow.simulate': async (scene, stage) => {
    const { name } = await prepared(scene, stage)
    return {
      input: { name, verdicts: ['done', 'approved'] },
      gives: { used: 2, end: { step: 'over', state: 'succeeded' } },
    }
  },
  'workflow.diff': async (scene, stage) => {
    const { name } = await started(scene, stage)
    return { input: { name, from: 1, to: 1 }, gives: { name, changes: [] } }
  },
  'workflow.runs': async (scene, stage) => {
    const { id, name } = await started(scene, stage)
    return { input: { name }, gives: { walks: [{ task_id: id, workflow: name, step: 'make' }] } }
  },
  'task.walk': async (scene, stage) => {
    const { id, name } = await started(scene, stage)
    return { input: { id }, gives: { walks: [{ workflow: name, verdicts: ['done'] }] } }
  },
  'workflow.start': async (scene, stage) => {
    const { name, profile } = await prepared(scene, stage)
    const id = await scene.create()
    return { input: { id, name }, gives: { task: { id, assignee: profile, current_step_key: 'make' } } }
  },
  'task.goto': async (scene, stage) => {
    const { id } = await started(scene, stage)
    return {
      input: { id, step: 'ask', reason },
      gives: { task: { id, status: 'review', current_step_key: 'ask' } },
    }
  },
  'task.skip': async (scene, stage) => {
    const { id } = await started(scene, stage)
    return {
      input: { id, verdict: 'done', reason },
      gives: { task: { id, status: 'review', current_step_key: 'ask' } },
    }
  },
  'task.let_item_go': async (scene, stage) => {
    const [name, profile] = [`w-${stage.freshName()}`, stage.freshName()]
    await addProfile(stage, profile)
    await scene.do('workflow.add', {
      file: `runboard: 1
name: ${name}
title: Each
workspace: scratch
inputs: {parts: {type: list, required: true}}
steps:
  - key: each
    kind: map
    over: inputs.parts
    do: {profile: ${profile}, prompt: "{{item}}"}
    on: {succeeded: over, some_failed: over}
  - {key: over, kind: end, state: succeeded}
`,
    })
    const id = await scene.create()
    await scene.do('workflow.start', { id, name, inputs: { parts: ['one'] } })
    return { input: { id, item: 'one', reason }, gives: { task: { id, status: 'done' } } }
  },
  'task.more_rounds': async (scene, stage) => {
    const { id } = await started(scene, stage)
    for (const verb of ['task.skip', 'task.request_changes', 'task.skip', 'task.request_changes'] as const)
      await scene.do(verb, {
        id,
        ...(verb === 'task.skip' ? { verdict: 'done', reason } : { note: 'Again' }),
      })
    return { input: { id, reason }, gives: { task: { id, status: 'ready', current_step_key: 'make' } } }
  },
  'task.cancel_workflow': async (scene, stage) => {
    const { id } = await started(scene, stage)
    return { input: { id, reason }, gives: { task: { id, status: 'ready', workflow_run_id: null } } }
  },
  'task.restart': async (scene, stage) => {
    const repository = makeRepository(join(`${scene.home}-files`, stage.freshName()))
    await scene.do('board.set', { slug: scene.slug, settings: { project_dir: repository.folder } })
    const { name } = await prepared(scene, stage)
    const id = await scene.create({ workspace: 'worktree' })
    await scene.do('workflow.start', { id, name })
    const { walks } = (await scene.do('task.walk', { id })) as { walks: { visits: { id: number }[] }[] }
    return {
      input: { id, from: walks[0]?.visits[0]?.id, reason },
      gives: { task: { id, status: 'ready', current_step_key: 'make', branch: `runboard/${id}-2` } },
    }
  },
  'task.merge_step': async (scene, stage) => {
    const repository = makeRepository(join(`${scene.home}-files`, stage.freshName()))
    await scene.do('board.set', { slug: scene.slug, settings: { project_dir: repository.folder } })
    const [name, profile] = [`w-${stage.freshName()}`, stage.freshName()]
    await addProfile(stage, profile, { shell: 'echo added > added.txt', completion: 'exit-code' })
    await scene.do('workflow.add', {
      file: `runboard: 1
name: ${name}
title: Merged
steps:
  - {key: make, kind: work, profile: ${profile}, prompt: Make it., on: {done: take}}
  - {key: take, kind: merge, on: {merged: over, conflict: {to: make, max_rounds: 1}}}
  - {key: over, kind: end, state: succeeded}
`,
    })
    const id = await scene.create({ workspace: 'worktree' })
    await scene.do('workflow.start', { id, name })
    await scene.do('dispatcher.dispatch', { max: 1, wait: true })
    const worker = await scene.claim(id)
    return { input: { id }, env: worker, gives: { task: { id, status: 'done', merge_state: 'merged' } } }
  },
}
