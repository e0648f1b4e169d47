import { describe, expect, it } from 'vitest'
import type { Rows } from './test-hermes.ts'
import { T, task, atRest, imported } from '../../testing/hermes-import.ts'

describe('a board from before runs existed', () => {
  const rows: Rows = {
    tasks: [
      task('t_00000001', 'running', {
        assignee: 'coder',
        started_at: T + 5,
        claim_lock: 'box:1',
        claim_expires: T + 905,
        worker_pid: 99,
      }),
      task('t_00000002', 'running', { assignee: 'coder' }),
      task('t_00000003', 'blocked', { spawn_failures: 5, last_spawn_error: 'no such profile' }),
      task('t_00000004', 'done', { completed_at: T + 50, result: 'finished' }),
      task('t_00000005', 'ready', { idempotency_key: 'nightly' }),
      task('t_00000006', 'ready', { idempotency_key: 'nightly' }),
    ],
    task_events: [
      { id: 1, task_id: 't_00000005', kind: 'ready', payload: null, created_at: T + 1 },
      { id: 2, task_id: 't_00000005', kind: 'priority', payload: '{"priority": 3}', created_at: T + 2 },
      {
        id: 3,
        task_id: 't_00000003',
        kind: 'spawn_auto_blocked',
        payload: '{"error": "no such profile"}',
        created_at: T + 3,
      },
    ],
  }

  it('gets an open run for each task in flight, made from its claim', async () => {
    const { board, answer } = await imported(atRest('before_runs', rows))
    expect(answer).toMatchObject({ tasks: 6, runs: 2 })
    expect(await board.runs('t_00000001')).toMatchObject([
      {
        attempt: 1,
        profile: 'coder',
        outcome: null,
        started_at: (T + 5) * 1000,
        claim_expires_at: (T + 905) * 1000,
        worker_pid: 99,
      },
    ])
    const [other] = await board.runs('t_00000002')
    expect(other).toMatchObject({ outcome: null, started_at: T * 1000, claim_expires_at: T * 1000 })
    expect(await board.kinds('t_00000001')).toEqual(['claimed'])
    await board.call('task.heartbeat', { id: 't_00000001' })
    await board.call('task.complete', { id: 't_00000001', summary: 'done' })
    expect((await board.runs('t_00000001'))[0]?.outcome).toBe('completed')
  })

  it('keeps its failures under their new name, and renames old events', async () => {
    const { board } = await imported(atRest('before_runs', rows))
    expect(await board.task('t_00000003')).toMatchObject({
      block_kind: 'gave_up',
      block_reason: 'no such profile',
      consecutive_failures: 5,
      last_failure_error: 'no such profile',
    })
    expect(await board.kinds('t_00000003')).toEqual(['gave_up'])
    expect(await board.kinds('t_00000005')).toEqual(['promoted', 'reprioritized'])
  })

  it('keeps an idempotency key on the newest of several tasks that have it', async () => {
    const { board, answer } = await imported(atRest('before_runs', rows))
    expect((await board.task('t_00000005')).idempotency_key).toBe(null)
    expect((await board.task('t_00000006')).idempotency_key).toBe('nightly')
    expect(answer.warnings).toHaveLength(1)
  })
})
