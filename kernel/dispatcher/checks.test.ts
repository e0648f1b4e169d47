import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Caller } from '../api.ts'
import { startProgram } from '../testing/processes.ts'
import { temporaryFolder, until } from '../testing/setup.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'
import { startKeyOf } from '../workers/process/identity.ts'

const isGone = (pid: string) => startKeyOf(Number(pid)) === null

/** A task whose worker ends well at once, and whose check records its start and waits for the gate `end`. */
async function checked(more: Parameters<WorkerSetup['create']>[0] = {}) {
  const bundle = await setupWorkers()
  await bundle.profile('quick', 'echo finished', { completion: 'exit-code' })
  const verify_command = `echo $$ >>'${bundle.path('checks')}'; ${bundle.gate('end')}; echo looked at`
  const { id } = await bundle.create({ assignee: 'quick', verify_command, ...(more as object) })
  const begun = () => until(() => bundle.text('checks').trim(), 'the check to begin')
  return { ...bundle, id, begun }
}

describe('X13: a check is a process like a worker', () => {
  it('outlives a dispatcher that stops, and the next one adopts it', async () => {
    const { begun, drain, id, kernel, open, runs, task, text } = await checked()
    const first = kernel.startDispatching()
    const pid = await begun()
    await first.stop()
    expect({ alive: !isGone(pid), status: (await task(id)).status }).toEqual({
      alive: true,
      status: 'running',
    })

    open('end')
    await drain()

    expect(text('checks').trim()).toBe(pid)
    expect(await task(id)).toMatchObject({ status: 'done' })
    const [run] = await runs(id)
    expect(run?.observed).toMatchObject({ verify_exit_code: 0, verify_output: 'looked at' })
    expect(existsSync(run?.observed?.verify_log_path ?? '')).toBe(true)
  })

  it('runs once and counts when its dispatchers are killed', async () => {
    const { begun, drain, home, id, open, task, text } = await checked()
    for (let n = 0; n < 3; n++) {
      const { child, ended } = startProgram('dispatch.ts', [home])
      const pid = await begun()
      // Until the next dispatcher has handled what the last one left, as far as can be seen from outside.
      await until(() => !isGone(pid))
      child.kill('SIGKILL')
      await ended
    }
    const pid = text('checks').trim()
    expect(isGone(pid)).toBe(false)

    open('end')
    await drain()

    expect(text('checks').trim()).toBe(pid)
    expect(await task(id)).toMatchObject({ status: 'done' })
  })

  it('is stopped with its task, including every process it started', async () => {
    const { begun, call, id, kernel, runs, shared, task, text } = await checked({
      verify_command: undefined,
    })
    await call('task.edit', {
      id,
      verify_command: `sleep 300 & echo $! >'${shared}/child'; echo $$ >'${shared}/checks'; wait`,
    })
    const dispatching = kernel.startDispatching()
    const pid = await begun()

    await call('task.stop', { id })

    expect([isGone(pid), isGone(text('child'))]).toEqual([true, true])
    expect(await task(id)).toMatchObject({ status: 'ready', held: true })
    expect((await runs(id))[0]).toMatchObject({ outcome: 'stopped' })
    await dispatching.stop()
  })

  it('is limited by the runtime of its run', async () => {
    const { begun, drain, id, runs } = await checked({ max_runtime_seconds: 2, max_retries: 1 })
    await drain()
    expect(isGone(await begun())).toBe(true)
    expect(await runs(id)).toMatchObject([
      { outcome: 'timed_out', error: expect.stringContaining('2 s') as string },
    ])
  })

  it('ends its run even if it stops its keeper', async () => {
    const { call, drain, id, task } = await checked()
    await call('task.edit', { id, verify_command: 'kill -STOP $PPID; exit 0' })
    await drain()
    expect(await task(id)).toMatchObject({ status: 'done' })
  })
})

describe('X13: a check that a call waits for', () => {
  async function pulled(line: (path: (name: string) => string) => string) {
    const bundle = await setupWorkers()
    const verify_command = line(bundle.path)
    const { id } = await bundle.create({ verify_command, workspace: `dir:${temporaryFolder()}` })
    const { worker } = await bundle.claim(id)
    const begun = () => until(() => bundle.text('checks').trim(), 'the check to begin')
    return { ...bundle, id, worker, begun }
  }
  const hanging = (path: (name: string) => string) => `echo $$ >>'${path('checks')}'; sleep 300`

  it('ends with its caller while the run continues', async () => {
    const { begun, id, kernel, task, worker } = await pulled(hanging)
    const leaving = new AbortController()
    const caller: Caller = { ...worker, signal: leaving.signal }
    const completing = kernel.call('task.complete', { id }, caller)
    const refused = expect(completing).rejects.toMatchObject({ code: 'BUSY' })
    const pid = await begun()

    leaving.abort()

    await refused
    expect(isGone(pid)).toBe(true)
    expect(await task(id)).toMatchObject({ status: 'running' })
  })

  it('ends when its process closes the kernel', async () => {
    const { begun, id, kernel, worker } = await pulled(hanging)
    const refused = expect(kernel.call('task.complete', { id }, worker)).rejects.toMatchObject({
      code: 'BUSY',
    })
    const pid = await begun()
    await kernel.close()
    await refused
    expect(isGone(pid)).toBe(true)
  })

  it('does not run twice at once', async () => {
    const { begun, call, id, kernel, open, text, worker } = await pulled(
      (path) => `echo $$ >>'${path('checks')}'; until [ -e '${path('end')}' ]; do sleep 0.01; done`,
    )
    const completing = kernel.call('task.complete', { id }, worker)
    const pid = await begun()
    await expect(kernel.call('task.complete', { id }, worker)).rejects.toMatchObject({ code: 'CONFLICT' })
    open('end')
    await completing
    expect(text('checks').trim()).toBe(pid)
    expect((await call('task.show', { id })).task.status).toBe('done')
  })

  it('does not run while that of another task runs in the same folder', async () => {
    const { begun, call, create, claim, id, kernel, open, path, task, text, worker } = await pulled(
      (file) => `echo $$ >>'${file('checks')}'; until [ -e '${file('end')}' ]; do sleep 0.01; done`,
    )
    const { workspace_path } = await task(id)
    const beside = await create({
      verify_command: `touch '${path('beside')}'`,
      workspace: `dir:${workspace_path ?? ''}`,
    })
    const other = await claim(beside.id)
    const completing = kernel.call('task.complete', { id }, worker)
    await begun()

    const refused = kernel.call('task.complete', { id: beside.id }, other.worker)

    await expect(refused).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('in the same folder') as string,
    })
    expect(text('beside')).toBe('')
    open('end')
    await completing
    await call('task.complete', { id: beside.id }, other.worker)
    expect(await task(beside.id)).toMatchObject({ status: 'done' })
  })

  it('is ended by the dispatcher when its caller was killed', async () => {
    const { begun, call, home, id, worker } = await pulled(hanging)
    const { child, ended } = startProgram('complete.ts', [home, JSON.stringify(worker), id])
    const pid = await begun()
    child.kill('SIGKILL')
    await ended
    expect(isGone(pid)).toBe(false)

    await call('dispatcher.dispatch', {})

    await until(() => isGone(pid), 'the end of the check')
  })
})

describe('B7: an end that cannot be recorded', () => {
  it('of a worker is kept by its dispatcher and recorded later', async () => {
    let full = true
    const bundle = await setupWorkers({
      beforeStatement: (sql) => {
        if (full && sql.includes('outcome = :outcome'))
          throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' })
      },
    })
    const { create, kernel, profile, reports, runs } = bundle
    await profile('plain', 'echo finished', { completion: 'exit-code' })
    const { id } = await create({ assignee: 'plain' })
    const dispatching = kernel.startDispatching()
    await until(() => reports.length > 0)
    expect(reports.splice(0)).toHaveLength(1)

    full = false

    await until(async () => (await runs(id))[0]?.outcome, 'the end of the run')
    expect(await runs(id)).toMatchObject([{ outcome: 'completed', exit_code: 0, summary: 'finished' }])
    await dispatching.stop()
  })

  it('of a worker is kept by its keeper when no dispatcher lives', async () => {
    const { board, create, drain, home, gate, open, path, profile, runs, text } = await setupWorkers()
    await profile('plain', `echo $$ >'${path('pid')}'; ${gate('end')}; echo finished; exit 7`, {
      completion: 'exit-code',
    })
    const task = await create({ assignee: 'plain', max_retries: 1 })
    const { child, ended } = startProgram('dispatch.ts', [home])
    const pid = await until(() => text('pid').trim())
    child.kill('SIGKILL')
    await ended
    const [run] = await runs(task.id)
    // The file can neither be written, as on a full disk, nor moved aside.
    const status = `${board.folder}/logs/${task.id}/${run?.id ?? 0}.exit`
    const keeper = execFileSync('ps', ['-o', 'ppid=', '-p', pid], { encoding: 'utf8' }).trim()
    mkdirSync(status)
    writeFileSync(`${status}.${keeper}`, '')
    open('end')
    await until(() => isGone(pid))
    expect(isGone(keeper)).toBe(false)

    rmdirSync(status)
    await drain()

    expect(await runs(task.id)).toMatchObject([{ outcome: 'crashed', exit_code: 7 }])
  })
})

describe('X23: a worker that tampers with its watchers', () => {
  it.each([
    ['stops its keeper and ends well', 'kill -STOP $PPID; exit 0', { outcome: 'completed', exit_code: 0 }],
    ['stops its keeper and fails', 'kill -STOP $PPID; exit 3', { outcome: 'crashed', exit_code: 3 }],
    ['kills its keeper and ends', 'kill -KILL $PPID; exit 0', { outcome: 'crashed', exit_code: null }],
  ])('%s has its end recorded', async (_name, shell, end) => {
    const { create, drain, profile, runs } = await setupWorkers()
    await profile('odd', shell, { completion: 'exit-code' })
    const { id } = await create({ assignee: 'odd', max_retries: 1 })
    await drain()
    expect(await runs(id)).toMatchObject([end])
  })

  it.each([
    ['itself', 'kill -STOP $$'],
    ['its keeper, and keeps running', 'kill -STOP $PPID; sleep 300'],
  ])('stops %s is stopped at its limit', async (_name, shell) => {
    const { create, drain, profile, runs } = await setupWorkers()
    await profile('odd', shell, { completion: 'exit-code', max_runtime_seconds: 1 })
    const { id } = await create({ assignee: 'odd', max_retries: 1 })
    await drain()
    expect(await runs(id)).toMatchObject([{ outcome: 'timed_out' }])
    expect((await runs(id))[0]?.signal).not.toBeNull()
  })
})

describe('verify_command', () => {
  it('of an exit-code worker is run by the dispatcher, and its failure fails the run', async () => {
    const { create, drain, profile, runs, task } = await setupWorkers()
    await profile('plain', 'echo finished', { completion: 'exit-code' })
    const good = await create({ assignee: 'plain', verify_command: 'pwd' })
    const bad = await create({
      assignee: 'plain',
      verify_command: 'echo 2 tests fail; exit 4',
      max_retries: 1,
    })

    await drain()

    expect(await runs(good.id)).toMatchObject([{ outcome: 'completed', observed: { verify_exit_code: 0 } }])
    expect(await runs(bad.id)).toMatchObject([
      {
        outcome: 'verify_failed',
        summary: 'finished',
        observed: { verify_exit_code: 4, verify_output: '2 tests fail' },
      },
    ])
    expect((await runs(bad.id))[0]?.error).toContain('2 tests fail')
    expect(await task(bad.id)).toMatchObject({ status: 'blocked', block_kind: 'gave_up' })
  })

  it('of a reporting worker refuses the completion, and the run stays open for another try', async () => {
    const { create, drain, profile, runs, task } = await setupWorkers()
    const line = `runboard complete '{"summary":"First"}' || { touch fixed; runboard complete '{"summary":"Second"}'; }`
    await profile('coder', line)
    const { id } = await create({ assignee: 'coder', verify_command: 'test -e fixed' })

    await drain()

    expect(await task(id)).toMatchObject({ status: 'done' })
    expect(await runs(id)).toMatchObject([{ outcome: 'completed', summary: 'Second', exit_code: 0 }])
  })
})
