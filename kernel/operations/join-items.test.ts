import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { COMMIT, makeRepository, repositoryAt } from '../testing/repository.ts'
import { until } from '../testing/until.ts'
import { setupWorkers } from '../testing/workers.ts'

// Each test runs up to ten processes with git, one after the other: slow machines need more than the usual limit.
vi.setConfig({ testTimeout: 300_000 })

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
  /** The shell line of the worker of the first step; by default it leaves an uncommitted file. */
  make?: string
  verify?: string | ((bundle: Awaited<ReturnType<typeof setupWorkers>>) => string)
}

/** A board whose workflow builds parts; `build` is the shell line of the worker of each. `$1` is its key. */
async function parts(build: string, { make = 'echo made > made.txt', parts: keys, verify }: Options) {
  const bundle = await setupWorkers()
  const { folder, git } = makeRepository(join(bundle.shared, 'project'))
  for (const name of ['name', 'email']) git('config', `user.${name}`, 'test@example.com')
  await bundle.call('board.set', { slug: bundle.slug, settings: { project_dir: folder } })
  await bundle.profile('maker', make, { completion: 'exit-code' })
  const key = `set -- "$(printf %s "$RUNBOARD_TITLE" | tr -d ' ')"`
  await bundle.profile('builder', `${key}; ${build}`, { completion: 'exit-code' })
  await bundle.call('workflow.add', { file: FILE(verify !== undefined) })
  const command = typeof verify === 'function' ? verify(bundle) : verify
  const given = command === undefined ? {} : { verify_command: command }
  const { id } = await bundle.create({ title: 'Whole', workspace: 'worktree', assignee: 'owner', ...given })
  await bundle.call('workflow.start', { id, name: 'parts', inputs: { parts: keys } })
  const items = async () => (await bundle.call('task.show', { id })).items ?? []
  const states = async () => (await items()).map(({ key: name, state }) => `${name} ${state}`)
  const card = async (name: string) => (await items()).find((item) => item.key === name)?.task?.id ?? ''
  const worktree = async (of = id) => repositoryAt((await bundle.task(of)).workspace_path ?? '')
  const events = async () => (await bundle.call('event.list', { task_id: id })).events
  return { ...bundle, card, events, id, items, project: repositoryAt(folder), states, worktree }
}

const WRITE = `echo "$1" > "$1.txt"`

/** Changes the first line of a file that all items change. */
const FIRST_LINE = `sed -i "1s/.*/$1/" notes.txt`
/** Puts the work right as the context says: merges the branch that it names, and keeps both lines. */
const MEND = `B=$(sed -n 's/.*\`git merge \\([^\`]*\\)\`.*/\\1/p' "$RUNBOARD_CONTEXT_FILE"); ${COMMIT} own -a; git merge -q --no-commit "$B"; printf '%s\\n' both two three four five > notes.txt; ${COMMIT} both -a`
const ONCE_MORE = `[ "$RUNBOARD_ATTEMPT" -gt 1 ]`

describe('items that write', () => {
  it('start from the work of their carrier, and are joined into its branch in their order', async () => {
    const { card, drain, events, id, states, task, worktree } = await parts(`test -f made.txt && ${WRITE}`, {
      parts: ['b', 'a'],
    })
    await drain()
    expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
    expect(await states()).toEqual(['b succeeded', 'a succeeded'])
    const whole = await worktree()
    expect([whole.read('a.txt'), whole.read('b.txt'), whole.read('made.txt')]).toEqual([
      'a\n',
      'b\n',
      'made\n',
    ])
    expect(whole.git('status', '--porcelain')).toBe('')
    expect(whole.git('log', '--first-parent', '--format=%s', '-2')).toMatch(/^a .*\nb /)
    expect(await task(await card('a'))).toMatchObject({
      merge_state: 'merged',
      merged_into: `runboard/${id}`,
      merged_commit: whole.git('rev-parse', 'HEAD'),
    })
    const joined = (await events()).filter(({ kind }) => kind === 'item_joined')
    expect(joined.map(({ payload }) => payload?.['item'])).toEqual(['b', 'a'])
  })

  it('with a conflict are sent back alone, put right and joined', async () => {
    const { card, drain, events, id, runs, task, worktree } = await parts(
      `if ${ONCE_MORE}; then ${MEND}; else ${FIRST_LINE}; fi`,
      { parts: ['a', 'b'] },
    )
    await drain()
    expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
    expect(await runs(await card('a'))).toHaveLength(1)
    const again = await runs(await card('b'))
    expect(again).toHaveLength(2)
    expect((await worktree()).read('notes.txt')).toMatch(/^both\n/)
    const back = (await events()).filter(({ kind }) => kind === 'item_sent_back')
    expect(back.map(({ payload }) => payload)).toMatchObject([
      { item: 'b', why: 'conflict', files: ['notes.txt'], task: await card('b') },
    ])
  })

  it('with a lasting conflict are sent back three times; then the carrier waits for a person', async () => {
    const { call, card, drain, id, runs, task, worktree } = await parts(FIRST_LINE, { parts: ['a', 'b'] })
    await drain()
    expect(await task(id)).toMatchObject({ status: 'blocked', current_step_key: 'build', assignee: 'owner' })
    expect((await task(id)).block_reason).toMatch(
      /^The work of the item “b” conflicts with runboard\/t_\w+ in notes.txt\. It was sent back 3 times\./,
    )
    expect(await runs(await card('b'))).toHaveLength(4)
    const whole = await worktree()
    expect(whole.read('notes.txt')).toMatch(/^a\n/)
    expect(whole.git('status', '--porcelain')).toBe('')
    await expect(call('task.revert_merge', { id: await card('a') })).rejects.toThrow(
      /which is still on its workflow/,
    )
    expect(whole.read('notes.txt')).toMatch(/^a\n/)
    await call('task.let_item_go', { id, item: 'b', reason: 'Not needed' })
    expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
    expect(whole.read('notes.txt')).toMatch(/^a\n/)
  })

  it('that fail the check after their merge are taken out again and sent back; the others stay joined', async () => {
    const { card, drain, events, id, runs, task, worktree } = await parts(
      `if ${ONCE_MORE}; then git rm -q -f bad.txt; ${COMMIT} mended; else ${WRITE}; git add .; ${COMMIT} own; fi`,
      { parts: ['a', 'bad', 'c'], verify: 'echo checked >> made.txt; test ! -e bad.txt' },
    )
    await drain()
    const at = await task(id)
    expect(at.block_reason ?? at.status).toBe('done')
    const whole = await worktree()
    expect([whole.read('a.txt'), whole.read('c.txt')]).toEqual(['a\n', 'c\n'])
    expect(() => whole.read('bad.txt')).toThrow()
    // The files that the check wrote neither block the next branch nor are lost.
    expect(whole.read('made.txt')).toBe('made\n')
    const kept = whole.git('for-each-ref', '--format=%(refname)', `refs/runboard/${id}/check-*`).split('\n')
    expect(whole.git('show', `${kept[0] ?? ''}:made.txt`)).toBe('made\nchecked')
    const told = (await events()).filter(({ kind }) => kind === 'files_put_back')
    expect(told.map(({ payload }) => payload?.['ref']).sort()).toEqual(kept)
    expect(await runs(await card('bad'))).toHaveLength(2)
    expect(await runs(await card('c'))).toHaveLength(1)
  })

  it('are not joined when a person lets them go during the join, and what is in already is taken out', async () => {
    const { call, drain, events, id, open, states, task, text, worktree } = await parts(WRITE, {
      parts: ['a', 'b', 'c'],
      verify: (bundle) =>
        `if [ -e c.txt ]; then true; else echo x > '${bundle.path('began')}'; ${bundle.gate('gate')}; fi`,
    })
    const drained = drain()
    await until(() => text('began') !== '')
    for (const item of ['a', 'b']) await call('task.let_item_go', { id, item, reason: 'Not needed' })
    open('gate')
    await drained
    expect(await states()).toEqual(['a let_go', 'b let_go', 'c succeeded'])
    expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
    const whole = await worktree()
    expect(whole.git('ls-files', 'a.txt', 'b.txt', 'c.txt')).toBe('c.txt')
    expect(whole.git('log', '--format=%s')).not.toMatch(/^[ab] /m)
    const joined = (await events()).filter(({ kind }) => kind === 'item_joined')
    expect(joined.map(({ payload }) => payload?.['item'])).toEqual(['c'])
  })

  it('are joined once the worker of each has left its workspace', async () => {
    const { call, gate, id, kernel, open, task, worktree } = await parts('true', { parts: ['a'] })
    const line = `echo a > a.txt; runboard complete '{}'; ${gate('gone')}; echo late > late.txt`
    await call('profile.set', { name: 'builder', fields: { shell: line, completion: 'explicit' } })
    const dispatching = kernel.startDispatching()
    await until(async () => (await task(id)).assignee === 'runboard:merge')
    const { why } = await call('task.why', { id })
    expect(why).toMatchObject({ gate: 'workspace_busy' })
    open('gone')
    await until(async () => (await task(id)).status === 'done')
    await dispatching.stop()
    expect((await worktree()).git('ls-files', 'a.txt', 'late.txt')).toBe('a.txt\nlate.txt')
  })

  it('are not sent back when the check cannot be run: the attempt fails', async () => {
    const { drain, id, runs, states, worktree } = await parts(WRITE, {
      parts: ['a', 'b'],
      verify: 'no-such-program-here',
    })
    await drain()
    expect(await states()).toEqual(['a succeeded', 'b succeeded'])
    const [first] = (await runs(id)).filter(({ profile }) => profile === 'runboard:merge')
    expect(first?.outcome).toBe('crashed')
    expect((await worktree()).git('ls-files', 'a.txt', 'b.txt')).toBe('')
  })

  it('are joined by the next run when a run is killed between two of them', async () => {
    const killer = `test -e "$HOME/killed" || { : > "$HOME/killed"; kill -9 "$(cut -d' ' -f4 "/proc/$PPID/stat")"; }`
    const { drain, id, runs, states, task, worktree } = await parts(WRITE, {
      parts: ['a', 'b'],
      verify: killer,
    })
    await drain()
    expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
    expect(await states()).toEqual(['a succeeded', 'b succeeded'])
    const joins = (await runs(id)).filter(({ profile }) => profile === 'runboard:merge')
    expect(joins.map(({ outcome }) => outcome)).toEqual(['crashed', 'completed'])
    const whole = await worktree()
    expect([whole.read('a.txt'), whole.read('b.txt')]).toEqual(['a\n', 'b\n'])
    expect(whole.git('log', '--first-parent', '--format=%s', '-3').split('\n')[2]).toMatch(/^The work/)
  })

  it('are not joined when a person let them go, or they have failed or changed nothing', async () => {
    const { call, card, drain, id, states, task, worktree } = await parts(
      `case $1 in none) ;; stuck) exit 1;; *) ${WRITE};; esac`,
      { parts: ['a', 'none', 'stuck'] },
    )
    await drain()
    expect(await task(await card('stuck'))).toMatchObject({ status: 'blocked' })
    const stuck = await worktree(await card('stuck'))
    stuck.commit('stuck.txt', 'x\n')
    await call('task.let_item_go', { id, item: 'stuck', reason: 'No use' })
    await drain()
    expect(await states()).toEqual(['a succeeded', 'none succeeded', 'stuck let_go'])
    expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
    const whole = await worktree()
    expect(whole.read('a.txt')).toBe('a\n')
    expect(() => whole.read('stuck.txt')).toThrow()
    expect(stuck.read('stuck.txt')).toBe('x\n')
  })
})

const ORDERED = `runboard: 1
name: parts
title: Parts
workspace: worktree
steps:
  - key: plan
    kind: work
    profile: planner
    prompt: Plan it.
    metadata:
      type: object
      required: [parts]
      properties:
        parts:
          type: array
          items:
            type: object
            required: [key]
            properties: {key: {type: string}, after: {type: array, items: {type: string}}}
    on: {done: build}
  - key: build
    kind: map
    over: steps.plan.metadata.parts
    item_key: key
    after: after
    do: {profile: builder, prompt: "Build {{item.key}}"}
    on: {succeeded: over, some_failed: over}
  - {key: over, kind: end, state: succeeded}
`

it('an item starts from the work of the items that it comes after, even if that is not committed', async () => {
  const build = 'if [ -e line.txt ]; then echo two >> line.txt; else echo one > line.txt; fi'
  const { call, claim, create, drain, profile, task, worktree } = await parts(build, { parts: [] })
  await profile('planner', 'true')
  await call('workflow.add', { file: ORDERED, replace: true })
  const { id } = await create({ title: 'Ordered', workspace: 'worktree' })
  await call('workflow.start', { id, name: 'parts' })
  const { worker } = await claim(id, 'planner')
  const list = [{ key: 'late', after: ['early'] }, { key: 'early' }]
  await call('task.complete', { id, metadata: { parts: list } }, worker)
  await drain()
  expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
  expect((await worktree(id)).read('line.txt')).toBe('one\ntwo\n')
})

const CHOSEN = FILE(false)
  .replace('succeeded: over, some_failed: partly', 'succeeded: pick, some_failed: pick')
  .replace(
    '  - {key: over',
    `  - {key: pick, kind: approve, question: Which?, choose: build, on: {approved: take, rejected: partly}}
  - {key: take, kind: merge, of: pick, on: {merged: over, conflict: partly}}
  - {key: over`,
  )

it.each([
  ['only the branch of the chosen one is joined', false],
  ['a conflict of the chosen one gives a verdict', true],
])('when a person chooses one of the items, %s', async (_, conflicts) => {
  const { call, create, drain, task, worktree } = await parts(`${WRITE}; ${FIRST_LINE}`, { parts: [] })
  await call('workflow.add', { file: CHOSEN, replace: true })
  const { id } = await create({ title: 'Choose', workspace: 'worktree' })
  await call('workflow.start', { id, name: 'parts', inputs: { parts: ['a', 'b'] } })
  await drain()
  expect(await task(id)).toMatchObject({ status: 'review', current_step_key: 'pick' })
  const { walks } = await call('task.walk', { id })
  const build = walks[0]?.visits.find(({ step }) => step === 'build')
  const items = build?.outputs?.['items'] as { commit: string }[]
  const whole = await worktree(id)
  expect(whole.git('show', `${items[1]?.commit ?? ''}:b.txt`)).toBe('b')
  const approve = () => call('task.approve', { id, metadata: { item: 'b' } })
  if (conflicts) {
    whole.commit('notes.txt', 'other\n')
    await expect(approve()).rejects.toThrow(/has changed since you were asked/)
  }
  await approve()
  await drain()
  expect(await task(id)).toMatchObject({ status: 'done', current_step_key: conflicts ? 'partly' : 'over' })
  expect(whole.git('ls-files', 'a.txt', 'b.txt')).toBe(conflicts ? '' : 'b.txt')
  expect(whole.git('status', '--porcelain')).toBe('')
  if (conflicts) return
  const from = (await call('task.walk', { id })).walks[0]?.visits.find(({ step }) => step === 'take')?.id ?? 0
  await call('task.restart', { id, from })
  const copy = (await call('task.walk', { id })).walks[1]?.visits.find(({ step }) => step === 'build')
  expect(copy?.items.map(({ key }) => key)).toEqual(['a', 'b'])
  await drain()
  expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
  const again = await worktree(id)
  expect(again.folder).not.toBe(whole.folder)
  expect(again.git('ls-files', 'a.txt', 'b.txt')).toBe('b.txt')
})
