import { realpathSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cleanUp, temporaryFolder, until } from '../testing/setup.ts'
import { setupWorkers } from '../testing/workers.ts'
import { startKeyOf } from '../workers/process/identity.ts'

const linux = process.platform === 'linux'
const isGone = (pid: number) => startKeyOf(pid) === null

/** What the worker does once its daemon is running. */
type Then = 'hangs' | 'ends'

/**
 * Runs a worker that leaves a daemon by double fork: in its own session, a child of init, started with this prefix.
 *
 * @param folder the daemon's working directory; null for the workspace
 * @param output where it writes
 */
async function leaveDaemon(
  prefix: string,
  {
    folder,
    output,
    then,
    ...task
  }: { folder: string | null; output: string; then: Then; workspace?: string },
) {
  const bundle = await setupWorkers()
  const { create, drain, path, profile, runs, text } = bundle
  const daemon = `cd '${folder ?? '.'}'; echo $$ >'${path('pid')}'; exec sleep 300`
  const to = output === 'log' ? '' : `>${output} 2>&1`
  await profile(
    'worker',
    `(${prefix} setsid /bin/sh -c "${daemon.replaceAll('$', '\\$')}" ${to} &)
    until [ -s '${path('pid')}' ]; do sleep 0.01; done
    ${then === 'hangs' ? 'sleep 300' : 'echo finished'}`,
    { completion: 'exit-code', max_runtime_seconds: 2 },
  )
  const { id } = await create({ assignee: 'worker', max_retries: 1, ...task })
  await drain()
  const pid = Number(text('pid'))
  cleanUp(async () => {
    if (!isGone(pid)) process.kill(pid, 'SIGKILL')
    await until(() => isGone(pid))
  })
  const [run] = await runs(id)
  return { pid, run, observed: run?.observed ?? {} }
}

describe.runIf(linux)('X22: a daemon that a worker leaves in its own session', () => {
  it.each([
    ['in the workspace, its environment cleared', 'env -i', null, '/dev/null'],
    ['in the workspace, with a little environment', 'env -i HOME=/ PATH=/bin:/usr/bin', null, '/dev/null'],
    [
      'in the workspace, without the marks of its run',
      'env -u RUNBOARD_RUN -u RUNBOARD_CLAIM',
      null,
      '/dev/null',
    ],
    ['elsewhere, that writes to the log', 'env -i', '/', 'log'],
  ])('%s is stopped with its run', async (_name, prefix, folder, output) => {
    const { pid, run, observed } = await leaveDaemon(prefix, { folder, output, then: 'hangs' })
    expect(run).toMatchObject({ outcome: 'timed_out' })
    expect(isGone(pid)).toBe(true)
    expect(observed.leftover_pids).toBeUndefined()
  })

  it.each([
    ['in the workspace', null, '/dev/null'],
    ['elsewhere, that writes to the log', '/', 'log'],
  ])('%s is listed when its worker ends well, and left running', async (_name, folder, output) => {
    const { pid, run, observed } = await leaveDaemon('env -i', { folder, output, then: 'ends' })
    expect(run).toMatchObject({ outcome: 'completed' })
    expect(observed.leftover_pids).toEqual([pid])
    expect(isGone(pid)).toBe(false)
  })

  it.each(['hangs', 'ends'] as const)(
    'without a trace in another folder is reported as possible when its worker %s',
    async (then) => {
      const { pid, observed } = await leaveDaemon('env -i', { folder: '/', output: '/dev/null', then })
      expect(observed.leftover_pids).toBeUndefined()
      expect(observed.possible_leftover_pids).toContain(pid)
      expect(isGone(pid)).toBe(false)
    },
  )

  it.each([
    ['a folder that is not Runboard’s', 'env -i', true],
    ['the workspace, as from a person’s session', 'env -i USER=ada LOGNAME=ada HOME=/home/ada', false],
  ])('in %s is never stopped: it may belong to a person', async (_name, prefix, elsewhere) => {
    const folder = realpathSync(temporaryFolder())
    const workspace = elsewhere ? { workspace: `dir:${folder}` } : {}
    const options = { folder: null, output: '/dev/null', then: 'hangs' as const, ...workspace }
    const { pid, run, observed } = await leaveDaemon(prefix, options)
    expect(run).toMatchObject({ outcome: 'timed_out' })
    expect(isGone(pid)).toBe(false)
    expect(observed.possible_leftover_pids).toContain(pid)
  })
})
