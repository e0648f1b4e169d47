import { describe, expect, it } from 'vitest'
import { Rescuer } from '../../dispatcher/rescuer.ts'
import { Supervisor } from '../../dispatcher/supervisor.ts'
import { Services } from '../../services.ts'
import type { Rows } from './test-hermes.ts'
import { T, task, atRest, imported } from '../../testing/hermes-import.ts'

describe('a board of late May 2026', () => {
  const rows: Rows = {
    tasks: [
      task('t_0000000a', 'done', {
        assignee: 'Coder',
        body: 'Do it',
        priority: 7,
        tenant: 'acme',
        started_at: T + 10,
        completed_at: T + 60,
        result: 'ok',
        skills: '["git", "python"]',
        model_override: 'fast',
        max_retries: 4,
        max_runtime_seconds: 90,
        workspace_kind: 'worktree',
        workspace_path: '/srv/tree',
        branch_name: 'feature/x',
        workflow_template_id: 'w1',
        current_step_key: 'build',
        session_id: 's1',
      }),
      task('t_0000000b', 'todo', { assignee: 'coder' }),
      task('t_0000000c', 'running', {
        assignee: 'coder',
        started_at: T + 20,
        claim_lock: 'box:77',
        claim_expires: T + 920,
        worker_pid: 4242,
        last_heartbeat_at: T + 100,
        current_run_id: 3,
      }),
      task('t_0000000d', 'triage'),
      task('t_0000000e', 'blocked', { consecutive_failures: 0 }),
      task('t_0000000f', 'blocked', { consecutive_failures: 2, last_failure_error: 'pid gone' }),
      task('t_00000010', 'scheduled'),
      task('t_00000011', 'review'),
      task('t_00000012', 'archived', { completed_at: T + 5 }),
      task('t_00000013', 'archived'),
      task('t_00000014', 'ready', { workspace_path: '/home/ada/.hermes/kanban/workspaces/t_00000014' }),
    ],
    task_links: [
      { parent_id: 't_0000000a', child_id: 't_0000000c' },
      { parent_id: 't_0000000c', child_id: 't_0000000b' },
    ],
    task_comments: [{ id: 5, task_id: 't_0000000a', author: 'reviewer', body: 'nice', created_at: T + 61 }],
    task_runs: [
      {
        id: 1,
        task_id: 't_0000000a',
        profile: 'coder',
        status: 'crashed',
        outcome: 'crashed',
        started_at: T + 10,
        ended_at: T + 20,
        error: 'pid 4240 not alive',
        worker_pid: 4240,
      },
      {
        id: 2,
        task_id: 't_0000000a',
        profile: 'coder',
        status: 'done',
        outcome: 'completed',
        started_at: T + 30,
        ended_at: T + 60,
        summary: 'did it',
        metadata: '{"changed_files": ["a.py"]}',
      },
      {
        id: 3,
        task_id: 't_0000000c',
        profile: 'coder',
        step_key: 'build',
        status: 'running',
        claim_lock: 'box:77',
        claim_expires: T + 920,
        worker_pid: 4242,
        started_at: T + 20,
        last_heartbeat_at: T + 100,
      },
      {
        id: 4,
        task_id: 't_00000010',
        status: 'scheduled',
        outcome: 'scheduled',
        started_at: T + 1,
        ended_at: T + 2,
        summary: 'next week',
      },
    ],
    task_events: [
      {
        id: 1,
        task_id: 't_0000000a',
        run_id: null,
        kind: 'created',
        payload: '{"assignee": "coder"}',
        created_at: T,
      },
      {
        id: 2,
        task_id: 't_0000000a',
        run_id: 1,
        kind: 'claimed',
        payload: '{"lock": "box:1"}',
        created_at: T + 10,
      },
      {
        id: 3,
        task_id: 't_0000000a',
        run_id: 1,
        kind: 'spawned',
        payload: '{"pid": 4240}',
        created_at: T + 11,
      },
      { id: 4, task_id: 't_0000000a', run_id: 1, kind: 'crashed', payload: null, created_at: T + 20 },
      {
        id: 5,
        task_id: 't_0000000a',
        run_id: 2,
        kind: 'completed',
        payload: '{"summary": "did it"}',
        created_at: T + 60,
      },
      { id: 6, task_id: 't_0000000c', run_id: 3, kind: 'claimed', payload: null, created_at: T + 20 },
      {
        id: 7,
        task_id: 't_0000000e',
        run_id: null,
        kind: 'blocked',
        payload: '{"reason": "Which colour?"}',
        created_at: T + 30,
      },
      {
        id: 8,
        task_id: 't_0000000f',
        run_id: null,
        kind: 'gave_up',
        payload: '{"failures": 2, "error": "pid gone"}',
        created_at: T + 31,
      },
      {
        id: 9,
        task_id: 't_00000010',
        run_id: 4,
        kind: 'scheduled',
        payload: '{"reason": "next week"}',
        created_at: T + 32,
      },
      {
        id: 10,
        task_id: 't_0000000b',
        run_id: null,
        kind: 'respawn_guarded',
        payload: '{"why": "active_pr"}',
        created_at: T + 33,
      },
      { id: 11, task_id: 't_deleted1', run_id: null, kind: 'created', payload: null, created_at: T + 34 },
      {
        id: 12,
        task_id: 't_0000000b',
        run_id: null,
        kind: 'promoted_manual',
        payload: '{"actor": "ada"}',
        created_at: T + 35,
      },
    ],
    kanban_notify_subs: [{ task_id: 't_0000000a', platform: 'telegram', chat_id: '1', created_at: T }],
  }

  it('is imported with its times in milliseconds, its runs, links, comments and events', async () => {
    const { board, answer } = await imported(atRest('late_may', rows))
    expect(answer).toMatchObject({ board: 'h', tasks: 11, links: 2, runs: 4, comments: 1, events: 11 })
    expect(answer.warnings).toEqual(['1 events of tasks that are not there were left out.'])
    const { task: done, runs, comments, links, events } = await board.show('t_0000000a')
    expect(done).toMatchObject({
      title: 'Task t_0000000a',
      body: 'Do it',
      status: 'done',
      assignee: 'coder',
      priority: 7,
      tenant: 'acme',
      created_by: 'dashboard',
      created_at: T * 1000,
      started_at: (T + 10) * 1000,
      completed_at: (T + 60) * 1000,
      result: 'ok',
      skills: ['git', 'python'],
      model: 'fast',
      max_retries: 4,
      max_runtime_seconds: 90,
      workspace_kind: 'worktree',
      workspace_path: '/srv/tree',
      branch: 'feature/x',
      workflow_template_id: 'w1',
      current_step_key: 'build',
    })
    expect(runs).toMatchObject([
      {
        id: 1,
        attempt: 1,
        outcome: 'crashed',
        error: 'pid 4240 not alive',
        started_at: (T + 10) * 1000,
        spawned_at: (T + 11) * 1000,
        elapsed_ms: 10_000,
        worker_pid: 4240,
      },
      { id: 2, attempt: 2, outcome: 'completed', summary: 'did it', metadata: { changed_files: ['a.py'] } },
    ])
    expect(comments).toMatchObject([{ id: 5, author: 'reviewer', body: 'nice', created_at: (T + 61) * 1000 }])
    expect(links).toEqual({ parents: [], children: ['t_0000000c'] })
    expect(events.map((event) => [event.id, event.kind, event.run_id])).toEqual([
      [1, 'created', null],
      [2, 'claimed', 1],
      [3, 'spawned', 1],
      [4, 'crashed', 1],
      [5, 'completed', 2],
    ])
  })

  it('maps states that only Hermes has', async () => {
    const { board } = await imported(atRest('late_may', rows))
    const tasks = (await board.call('task.list', { archived: true })).tasks
    const places = Object.fromEntries(
      tasks.map((one) => [one.id.slice(-2), [one.status, one.block_kind, one.held]]),
    )
    expect(places).toEqual({
      '0a': ['done', null, false],
      '0b': ['todo', null, false],
      '0c': ['running', null, false],
      '0d': ['triage', null, false],
      '0e': ['blocked', 'needs_input', false],
      '0f': ['blocked', 'gave_up', false],
      10: ['ready', null, true],
      11: ['review', null, false],
      12: ['archived', null, false],
      13: ['archived', null, false],
      14: ['ready', null, false],
    })
    expect(await board.task('t_0000000e')).toMatchObject({ block_reason: 'Which colour?' })
    expect(await board.task('t_0000000f')).toMatchObject({
      block_reason: 'pid gone',
      consecutive_failures: 2,
    })
    expect(await board.task('t_00000010')).toMatchObject({ held_reason: 'next week' })
    expect((await board.runs('t_00000010'))[0]).toMatchObject({
      outcome: 'reclaimed',
      observed: { hermes_outcome: 'scheduled' },
    })
    expect(await board.task('t_00000014')).toMatchObject({ workspace_kind: 'scratch', workspace_path: null })
    expect((await board.call('task.restore', { id: 't_00000012' })).task.status).toBe('done')
    expect((await board.call('task.restore', { id: 't_00000013' })).task.status).toBe('ready')
  })

  it('keeps events that Runboard does not know, with their name', async () => {
    const { board } = await imported(atRest('late_may', rows))
    expect(
      (await board.events('t_0000000b')).map(({ kind, payload, actor }) => [kind, payload, actor]),
    ).toEqual([
      ['imported', { why: 'active_pr', hermes_kind: 'respawn_guarded' }, 'hermes'],
      ['promoted', { actor: 'ada', hermes_kind: 'promoted_manual' }, 'ada'],
    ])
    const [scheduled] = await board.events('t_00000010')
    expect(scheduled).toMatchObject({
      kind: 'held',
      run_id: null,
      payload: { reason: 'next week', hermes_kind: 'scheduled' },
    })
  })

  it('starts paused, with an empty inbox', async () => {
    const { board } = await imported(atRest('late_may', rows))
    expect((await board.call('dispatcher.show', {})).dispatcher.paused).toBe(true)
    const inbox = await board.call('inbox.show', {})
    expect(inbox.counts).toMatchObject({ needs_you: 3, failed: 0, finished: 0, unseen: 0 })
  })

  it('keeps the run of a task in flight, which matches no process here and lapses with its claim', async () => {
    const { bundle, board } = await imported(atRest('late_may', rows))
    const id = 't_0000000c'
    const [run] = await board.runs(id)
    expect(run).toMatchObject({
      id: 3,
      attempt: 1,
      outcome: null,
      worker_pid: 4242,
      host: 'hermes',
      claim_expires_at: (T + 920) * 1000,
    })
    expect((await board.task(id)).current_run_id).toBe(3)
    const [worker] = (await board.call('worker.list', {})).workers
    expect(worker).toMatchObject({ task_id: id, alive: false })

    const rescue = async (at: number) => {
      const services = new Services({ home: bundle.home, clock: () => at, env: {} })
      const opened = services.board('h')
      const supervisor = new Supervisor(
        services,
        opened,
        () => undefined,
        () => undefined,
      )
      const ignored = () => undefined
      const scope = { supervisor, starting: () => [], onRescued: ignored, onDue: ignored }
      const rescuer = new Rescuer(services, opened, scope)
      await rescuer.runOnce()
      await rescuer.settled()
      await supervisor.stop()
      services.closeAll()
    }
    await rescue((T + 919) * 1000)
    expect((await board.runs(id))[0]?.outcome).toBe(null)
    await rescue((T + 920) * 1000)
    expect((await board.runs(id))[0]?.outcome).toBe('reclaimed')
    expect((await board.task(id)).status).toBe('ready')
  })

  it('lets a worker of Hermes that finishes by hand finish its run', async () => {
    const { board } = await imported(atRest('late_may', rows))
    await board.call('task.complete', { id: 't_0000000c', summary: 'finished elsewhere' })
    expect(await board.runs('t_0000000c')).toMatchObject([
      { id: 3, outcome: 'completed', summary: 'finished elsewhere' },
    ])
    expect((await board.task('t_0000000b')).status).toBe('ready')
  })
})
