import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { setupAgents } from '../testing/agents/fake-agents.ts'
import { temporaryFolder } from '../testing/setup.ts'
import { until } from '../testing/until.ts'
import { writeProgram } from '../testing/worker-setup.ts'

/** A task whose agent works and does not end, on a machine with one more terminal. */
async function working() {
  const bin = temporaryFolder()
  const log = join(bin, 'opened')
  const record = `#!/bin/sh\nprintf '%s\\n' "$PWD" "$@" > '${log}.part'; mv '${log}.part' '${log}'\n`
  writeProgram(join(bin, 'xterm'), record)
  writeProgram(join(bin, 'claude'))
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` }
  const bundle = await setupAgents({ env })
  await bundle.agent('claude-code', 'coder')
  bundle.willDo('hang')
  const { id } = await bundle.create({ assignee: 'coder', max_retries: 1 })
  const dispatching = bundle.kernel.startDispatching()
  const first = await until(async () => {
    const [run] = await bundle.runs(id)
    // The id is known before the agent has begun its session; its output comes after.
    return run?.agent_session_id == null || run.first_output_at === null ? null : run
  }, 'the session')
  const opened = () => until(() => (existsSync(log) ? readFileSync(log, 'utf8') : ''), 'the terminal')
  return { ...bundle, bin, dispatching, first, id, isOpened: () => existsSync(log), opened }
}

describe.runIf(process.platform !== 'win32')('taking a task over', () => {
  it('stops its worker, opens its session in a terminal, and keeps workers away', async () => {
    const { bin, call, dispatching, first, id, opened, runs, task } = await working()
    const taken = await call('task.take_over', { id, open: true, opener: 'xterm' })

    const session = first.agent_session_id ?? ''
    expect(taken).toMatchObject({
      opened: 'xterm',
      command: ['claude', '--resume', session],
      folder: first.agent_cwd,
      task: { status: 'running' },
    })
    expect(await opened()).toBe(
      [first.agent_cwd, '-e', join(bin, 'claude'), '--resume', session, ''].join('\n'),
    )
    expect(await runs(id)).toMatchObject([
      { outcome: 'stopped' },
      { outcome: null, worker_pid: null, session_choice: 'resumed', resumed_from_run: first.id },
    ])
    expect(await task(id)).toMatchObject({ status: 'running', held: false })
    await dispatching.stop()
  })

  it('ends when it is handed back: the next attempt continues the same session', async () => {
    const { call, calls, dispatching, first, id, runs, task } = await working()
    await call('task.take_over', { id })
    await call('task.reclaim', { id, reason: 'Handed back' })
    await until(async () => (await task(id)).status === 'done', 'the next attempt')

    expect((await runs(id)).map(({ outcome }) => outcome)).toEqual(['stopped', 'reclaimed', 'completed'])
    expect(calls().at(-1)).toMatchObject({ resumed: first.agent_session_id })
    await dispatching.stop()
  })

  it('ends when the person reports what they did', async () => {
    const { call, dispatching, id, runs } = await working()
    await call('task.take_over', { id })
    const { task } = await call('task.complete', { id, summary: 'By hand' })
    expect(task.status).toBe('done')
    expect((await runs(id)).at(-1)).toMatchObject({ outcome: 'completed', summary: 'By hand' })
    await dispatching.stop()
  })

  it('is refused before its worker is stopped, without a terminal or a session', async () => {
    const { create, dispatching, id, isOpened, refused, task } = await working()
    const none = await refused('CONFLICT', 'task.take_over', { id, open: true, opener: 'nothing' })
    expect(none.message).toContain('No terminal “nothing”')
    expect(await task(id)).toMatchObject({ status: 'running' })
    expect(isOpened()).toBe(false)
    const other = await create({ title: 'Never begun' })
    const refusal = await refused('CONFLICT', 'task.take_over', { id: other.id })
    expect(refusal.message).toContain('no session of an agent is known')
    await dispatching.stop()
  })
})
