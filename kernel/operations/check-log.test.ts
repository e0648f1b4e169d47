import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isAlive, startKeyOf } from '../workers/process/identity.ts'
import { temporaryFolder, until } from '../testing/setup.ts'
import { worktreeStage } from '../testing/worktree-task.ts'

/** A task in review, whose check writes a line and then waits until `go` is there. */
async function inCheck() {
  const stage = await worktreeStage()
  const folder = temporaryFolder()
  const go = join(folder, 'go')
  const verify_command = `echo $$ >'${folder}/pid'; echo one of two; while [ ! -e '${go}' ]; do sleep 0.02; done; echo two; exit 3`
  const { id } = await stage.inReview(undefined, { verify_command })
  const log = () => stage.kernel.call('task.check_log', { id }, stage.person)
  return { ...stage, id, folder, go, log, verify_command }
}

it('the output of a check can be read while it runs before a merge, and after it failed', async () => {
  const { call, clock, go, id, kernel, log, person, verify_command } = await inCheck()
  expect(await call('task.check_log', { id })).toMatchObject({ check: null, content: '', ended: true })

  const merging = kernel.call('task.approve', { id, merge: true }, person)
  const refused = expect(merging).rejects.toMatchObject({
    code: 'CONFLICT',
    data: { exit_code: 3, problem: null, has_log: true },
  })
  await until(async () => (await log()).content !== '')
  expect(await log()).toMatchObject({
    content: 'one of two\n',
    ended: false,
    check: { command: verify_command, started_at: clock.now },
  })

  writeFileSync(go, '')
  await refused
  expect(await call('task.check_log', { id, from: 4 })).toMatchObject({
    content: 'of two\ntwo\n',
    ended: true,
    check: null,
  })
})

it('a check before a merge is stopped with the call that waits for it, and nothing is merged', async () => {
  const { call, folder, id, kernel, log, person, repository } = await inCheck()
  const main = repository.git('rev-parse', 'main')
  const leaving = new AbortController()
  const merging = kernel.call('task.approve', { id, merge: true }, { ...person, signal: leaving.signal })
  const refused = expect(merging).rejects.toMatchObject({
    code: 'BUSY',
    message: `The check of task ${id} was stopped because its caller has gone, so the task is not merged.`,
  })
  await until(async () => (await log()).content !== '' && existsSync(join(folder, 'pid')))
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))

  leaving.abort()

  await refused
  expect(isAlive({ pid, started_key: startKeyOf(pid) })).toBe(false)
  expect(repository.git('rev-parse', 'main')).toBe(main)
  expect((await call('task.check_log', { id })).check).toBeNull()
  expect((await call('task.show', { id })).task.status).toBe('review')
})

it('there is no log of a check of an attempt that was never made', async () => {
  const { id, refused } = await inCheck()
  await refused('NOT_FOUND', 'task.check_log', { id, attempt: 2 })
})
