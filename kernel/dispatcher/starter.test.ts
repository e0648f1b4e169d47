import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { setupWorkers } from '../testing/workers.ts'

describe('a worker that is started', () => {
  it('records the model that it was started with: the task’s, else the profile’s', async () => {
    const { call, create, drain, profile, runs } = await setupWorkers()
    await profile('coder', 'echo "$RUNBOARD_MODEL"', { completion: 'exit-code', model: 'small' })
    const [own, other] = [
      await create({ assignee: 'coder', model: 'large' }),
      await create({ assignee: 'coder' }),
    ]

    await drain()
    await call('profile.set', { name: 'coder', fields: { model: 'newer' } })

    expect((await runs(own.id))[0]?.observed).toMatchObject({ model: 'large' })
    expect((await runs(other.id))[0]?.observed).toMatchObject({ model: 'small' })
  })

  it('gets its run in its environment, and its context on stdin and in a file', async () => {
    const { create, drain, profile, runs, text, path, home } = await setupWorkers()
    const said = `env | grep ^RUNBOARD_ | sort >'${path('env')}'; cat >'${path('stdin')}'`
    await profile('coder', said, {
      completion: 'exit-code',
      stdin: 'context',
      env: { RUNBOARD_RUN: '999', MINE: 'yes' },
    })
    const { id } = await create({ assignee: 'coder', tenant: 'acme' })

    await drain()

    const [run] = await runs(id)
    const env = Object.fromEntries(
      text('env')
        .trim()
        .split('\n')
        .map((line) => line.split(/=(.*)/s) as [string, string]),
    )
    expect(env).toMatchObject({
      RUNBOARD_HOME: home,
      RUNBOARD_BOARD: 'test',
      RUNBOARD_TASK: id,
      RUNBOARD_RUN: String(run!.id),
      RUNBOARD_ATTEMPT: '1',
      RUNBOARD_PROFILE: 'coder',
      RUNBOARD_TENANT: 'acme',
      RUNBOARD_WORKSPACE: run!.workspace_path,
      RUNBOARD_CLAIM: expect.stringMatching(/^[\w-]{32}$/) as string,
    })
    expect(text('stdin')).toContain(`# ${id}: A task`)
    expect(readFileSync(env['RUNBOARD_CONTEXT_FILE']!, 'utf8')).toBe(text('stdin'))
  })
})

describe('a worker', () => {
  it('whose program or workspace cannot be used says so', async () => {
    const { call, create, drain, runs } = await setupWorkers()
    await call('profile.add', { name: 'ghost', command: ['no-such-agent'], backoff_seconds: 0 })
    await call('profile.add', { name: 'plain', shell: 'true', backoff_seconds: 0 })
    const ghost = await create({ assignee: 'ghost', max_retries: 1 })
    const file = await create({ assignee: 'plain', max_retries: 1, workspace: 'dir:/dev/null/below' })

    await drain()

    expect((await runs(ghost.id))[0]).toMatchObject({
      outcome: 'gave_up',
      spawned_at: null,
      worker_pid: null,
    })
    expect((await runs(ghost.id))[0]?.error).toContain('no-such-agent')
    expect((await runs(file.id))[0]?.error).toMatch(/^workspace: /)
  })
})
