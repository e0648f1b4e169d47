import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMIT, makeRepository, repositoryAt } from '../testing/repository.ts'
import { setupWorkers } from '../testing/workers.ts'

const FILE = (verify: boolean) => `runboard: 1
name: parts
title: Parts
workspace: worktree
inputs: {parts: {type: list, required: true}}
steps:
  - {key: make, kind: work, profile: maker, prompt: Make it., on: {done: build}}
  - key: build
    kind: map
    over: inputs.parts
    do: {profile: builder, prompt: "Build {{item}}"}
    max_parallel: 3
    max_items: 20${verify ? '\n    verify: true' : ''}
    on: {succeeded: over, some_failed: partly}
  - {key: over, kind: end, state: succeeded}
  - {key: partly, kind: end, state: failed}
`

interface Options {
  parts: string[]
  /** What the worker of the first step does; by default it leaves a file that is not committed. */
  make?: string
  verify?: string
}

/** A board whose workflow builds parts; `build` is the shell line of the worker of each. \`$1\` is its key. */
async function parts(build: string, { make = 'echo made > made.txt', parts: keys, verify }: Options) {
  const bundle = await setupWorkers()
  const { folder } = makeRepository(join(bundle.shared, 'project'))
  await bundle.call('board.set', { slug: bundle.slug, settings: { project_dir: folder } })
  await bundle.profile('maker', make, { completion: 'exit-code' })
  const key = `set -- "$(printf %s "$RUNBOARD_TITLE" | tr -d ' ')"`
  await bundle.profile('builder', `${key}; ${build}`, { completion: 'exit-code' })
  await bundle.call('workflow.add', { file: FILE(verify !== undefined) })
  const given = verify === undefined ? {} : { verify_command: verify }
  const { id } = await bundle.create({ title: 'Whole', workspace: 'worktree', ...given })
  await bundle.call('workflow.start', { id, name: 'parts', inputs: { parts: keys } })
  const items = async () => (await bundle.call('task.show', { id })).items ?? []
  const states = async () => (await items()).map(({ key: name, state }) => `${name} ${state}`)
  const card = async (name: string) => (await items()).find((item) => item.key === name)?.task?.id ?? ''
  const worktree = async (of = id) => repositoryAt((await bundle.task(of)).workspace_path ?? '')
  const events = async () => (await bundle.call('event.list', { id })).events
  return { ...bundle, card, events, id, items, project: repositoryAt(folder), states, worktree }
}

const WRITE = `echo "$1" > "$1.txt"`

describe('items that write', () => {
  it('start from the work of their carrier, and are joined into its branch in their order', async () => {
    const { drain, id, runs, states, task, worktree } = await parts(`test -f made.txt && ${WRITE}`, {
      parts: ['b', 'a', 'c'],
    })
    await drain()
    console.log(JSON.stringify((await runs(id)).map((r) => [r.profile, r.outcome, r.error, r.summary])), (await task(id)).block_reason)
    expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
    expect(await states()).toEqual(['b succeeded', 'a succeeded', 'c succeeded'])
    const whole = await worktree()
    expect(['a', 'b', 'c'].map((key) => whole.read(`${key}.txt`).trim())).toEqual(['a', 'b', 'c'])
    expect(whole.git('status', '--porcelain')).toBe('')
    const merges = whole.git('log', '--first-parent', '--format=%s', '-3').split('\n')
    expect(merges.map((subject) => subject[0])).toEqual(['c', 'a', 'b'])
  })
})
