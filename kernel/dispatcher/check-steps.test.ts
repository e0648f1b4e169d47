import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeRepository } from '../testing/repository.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'

const file = (run: string, more = '') => `runboard: 1
name: checked
title: Checked
inputs: {text: {type: text, default: "none"}}
steps:
  - {key: make, kind: work, profile: maker, prompt: Make it., on: {done: test}}
  - key: test
    kind: check
    run: ${JSON.stringify(run)}
    ${more}
    on: {passed: over, failed: {to: fix, max_rounds: 2}}
  - {key: fix, kind: work, profile: maker, prompt: Mend it., on: {done: test}}
  - {key: over, kind: end, state: succeeded}
`

async function walk(
  bundle: WorkerSetup,
  run: string,
  inputs: Record<string, string> = {},
  more = '',
): Promise<string> {
  await bundle.call('workflow.add', { file: file(run, more) })
  const { id } = await bundle.create('A card')
  await bundle.call('workflow.start', { id, name: 'checked', inputs })
  await bundle.drain()
  return id
}

async function steps(bundle: WorkerSetup, id: string): Promise<string[]> {
  const runs = await bundle.runs(id)
  return runs.map(({ outcome, step_key, verdict }) => `${step_key ?? ''} ${outcome ?? ''} ${verdict ?? '–'}`)
}

it('runs the command of a check: the exit code is the verdict, and the next step reads the output', async () => {
  const bundle = await setupWorkers()
  const count = bundle.path('count')
  await bundle.profile(
    'maker',
    `printf x >> '${count}'; cat "$RUNBOARD_CONTEXT_FILE" > '${bundle.path('context')}'`,
    {
      completion: 'exit-code',
      stdin: 'context',
    },
  )
  const id = await walk(bundle, `echo "only $(wc -c < '${count}')"; test "$(wc -c < '${count}')" -ge 2`)
  expect(await bundle.task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
  expect(await steps(bundle, id)).toEqual([
    'make completed done',
    'test completed failed',
    'fix completed done',
    'test completed passed',
  ])
  expect(bundle.text('context')).toContain('only 1')
})

it('passes values to a command in the environment, never as text', async () => {
  const bundle = await setupWorkers()
  await bundle.profile('maker', 'true', { completion: 'exit-code' })
  const text = '"; touch ' + bundle.path('harm') + '; echo "'
  const id = await walk(bundle, `printf %s "$RUNBOARD_INPUT_TEXT" > '${bundle.path('text')}'`, { text })
  expect(bundle.text('text')).toBe(text)
  expect(await bundle.task(id)).toMatchObject({ status: 'done' })
})

it('takes a declared verdict from the file, and blocks the card without one', async () => {
  const bundle = await setupWorkers()
  await bundle.profile('maker', 'true', { completion: 'exit-code' })
  const id = await walk(bundle, 'echo passed > "$RUNBOARD_VERDICT_FILE"', {}, 'verdicts: [passed, failed]')
  expect((await steps(bundle, id)).at(-1)).toBe('test completed passed')
  const wrong = await walk(bundle, 'echo maybe > "$RUNBOARD_VERDICT_FILE"').catch(() => '')
  expect(wrong).toBe('')
})

it('does not read a file for a check that declares no verdicts', async () => {
  const bundle = await setupWorkers()
  await bundle.profile('maker', 'true', { completion: 'exit-code' })
  const id = await walk(bundle, 'echo failed > "$RUNBOARD_VERDICT_FILE"')
  expect((await steps(bundle, id)).at(-1)).toBe('test completed passed')
})

it('starts a step after large handoffs, and leaves out the longest texts', async () => {
  const bundle = await setupWorkers()
  const metadata = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`long_${n}`, 'x'.repeat(30_000)]))
  await bundle.profile('maker', 'true', { completion: 'exit-code' })
  const count = `env | grep -c ^RUNBOARD_STEP_MAKE_LONG > '${bundle.path('count')}'; test "$RUNBOARD_STEP_MAKE_SHORT" = yes`
  await bundle.call('workflow.add', { file: file(count) })
  const { id } = await bundle.create('A card')
  await bundle.call('workflow.start', { id, name: 'checked' })
  await bundle.call('task.complete', { id, verdict: 'done', metadata: { ...metadata, short: 'yes' } })
  await bundle.drain()
  expect(await bundle.task(id)).toMatchObject({ status: 'done' })
  expect(bundle.text('count')).toBe('8\n')
})

it('counts a command that cannot be run as a failed attempt, not as a verdict', async () => {
  const bundle = await setupWorkers()
  await bundle.profile('maker', 'true', { completion: 'exit-code' })
  await bundle.call('board.set', { slug: bundle.slug, settings: { failure_limit: 1 } })
  const id = await walk(bundle, '/nowhere/at/all')
  expect(await bundle.task(id)).toMatchObject({
    status: 'blocked',
    block_kind: 'gave_up',
    current_step_key: 'test',
  })
})

it('runs checks although all workers are busy', async () => {
  const bundle = await setupWorkers()
  await bundle.profile('maker', 'true', { completion: 'exit-code' })
  await bundle.profile('busy', bundle.gate('gate'), { completion: 'exit-code' })
  await bundle.call('board.set', { slug: bundle.slug, settings: { max_running: 1 } })
  await bundle.call('workflow.add', {
    file: file('true')
      .replace(
        'key: make, kind: work, profile: maker, prompt: Make it.,',
        'key: make, kind: check, run: "true",',
      )
      .replace('on: {done: test}}\n  - key: test', 'on: {passed: test, failed: test}}\n  - key: test'),
  })
  await bundle.create({ title: 'Busy', assignee: 'busy' })
  await bundle.call('dispatcher.dispatch', {})
  const { id } = await bundle.create('A card')
  await bundle.call('workflow.start', { id, name: 'checked' })
  expect((await bundle.show(id)).why).not.toMatchObject({ gate: 'board_limit' })
  const { claimed } = await bundle.call('dispatcher.dispatch', {})
  expect(claimed.map(({ task_id }) => task_id)).toEqual([id])
  bundle.open('gate')
  await bundle.drain()
})

it('with “once” runs again for the same work, unless its command as it is now has passed for it', async () => {
  const bundle = await setupWorkers()
  const { call, drain, profile, task } = bundle
  const { folder } = makeRepository(join(bundle.shared, 'project'))
  await call('board.set', { slug: bundle.slug, settings: { project_dir: folder } })
  await profile('maker', 'echo made > made.txt', { completion: 'exit-code' })
  const text = `runboard: 1
name: once
title: Once
workspace: worktree
steps:
  - {key: make, kind: work, profile: maker, prompt: Make it., on: {done: test}}
  - {key: test, kind: check, use: verify_command, once: true, on: {passed: ask, failed: ask}}
  - {key: ask, kind: approve, question: Good?, on: {approved: over, changes: {to: test, max_rounds: 9}}}
  - {key: over, kind: end, state: succeeded}
`
  await call('workflow.add', { file: text })
  const { id } = await bundle.create({ title: 'Checked', workspace: 'worktree', verify_command: 'false' })
  await call('workflow.start', { id, name: 'once' })
  await drain()
  const again = async () => {
    await call('task.request_changes', { id, note: 'Check it again' })
    return (await task(id)).current_step_key
  }
  expect(await again()).toBe('test')
  await call('task.skip', { id, verdict: 'passed', reason: 'I know' })
  // A person has said that it passed; the command has not.
  expect(await again()).toBe('test')
  await call('task.edit', { id, verify_command: 'true' })
  await drain()
  expect(await again()).toBe('ask')
  await call('task.edit', { id, verify_command: 'test 1 = 1' })
  expect(await again()).toBe('test')
})
