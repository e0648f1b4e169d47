import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { TaskDetail } from '../../contract/index.ts'
import { setupWorkers } from '../testing/workers.ts'

it('runs each of two hundred tasks once in eight slots, never more than eight at a time', async () => {
  const { call, create, drain, home, inspector, profile } = await setupWorkers()
  writeFileSync(`${home}/config.json`, JSON.stringify({ settings: { max_running: 8 } }))
  await profile('plain', 'echo finished', { completion: 'exit-code' })
  for (let n = 0; n < 200; n++) await create({ title: `Task ${n}`, assignee: 'plain', priority: n % 3 })

  await drain()

  expect((await call('stats.show', {})).by_status).toMatchObject({ done: 200 })
  const runs = inspector.all<{ started_at: number; ended_at: number; outcome: string; priority: number }>(
    `SELECT run.started_at, run.ended_at, run.outcome, task.priority FROM task_runs AS run
     JOIN tasks AS task ON task.id = run.task_id ORDER BY run.id`,
  )
  expect(runs).toHaveLength(200)
  expect(runs.every((run) => run.outcome === 'completed')).toBe(true)
  expect(runs.map((run) => run.priority)).toEqual(runs.map((run) => run.priority).sort((a, b) => b - a))
  const together = runs.map(
    ({ started_at }) =>
      runs.filter((other) => other.started_at <= started_at && other.ended_at > started_at).length,
  )
  expect(Math.max(...together)).toBeLessThanOrEqual(8)
})

it('drains the demo board', async () => {
  const { kernel, person } = await setupWorkers({
    cli: {
      path: `${import.meta.dirname}/../../doors/cli/main.ts`,
      runtime: process.execPath,
      electron: false,
    },
  })
  const { board, tasks } = await kernel.call('demo.create', {}, person)
  const on = { ...person, board }
  const shown = async (): Promise<Record<string, TaskDetail>> =>
    Object.fromEntries(
      await Promise.all(
        tasks.map(async (id) => {
          const detail = await kernel.call('task.show', { id }, on)
          return [detail.task.idempotency_key?.replace('demo-', '') ?? id, detail] as const
        }),
      ),
    )

  await kernel.call('dispatcher.dispatch', { wait: true }, on)

  const { question, ...others } = await shown()
  const ends = ({ task, runs }: TaskDetail) => [task.status, ...runs.map((run) => run.outcome)]
  expect(Object.fromEntries(Object.entries(others).map(([key, detail]) => [key, ends(detail)]))).toEqual({
    brief: ['done', 'completed'],
    draft: ['done', 'completed'],
    flaky: ['done', 'crashed', 'completed'],
    slow: ['blocked', 'timed_out', 'timed_out'],
    broken: ['blocked', 'crashed', 'crashed', 'crashed'],
    count: ['done', 'completed'],
    announce: ['todo'],
    idea: ['triage'],
  })
  expect(ends(question!)).toEqual(['blocked', 'blocked'])

  await kernel.call('task.unblock', { id: question!.task.id, answer: 'export' }, on)
  await kernel.call('dispatcher.dispatch', { wait: true }, on)

  const after = await shown()
  expect(ends(after['question']!)).toEqual(['done', 'blocked', 'completed'])
  expect(after['question']!.runs[1]?.summary).toContain('export')
  expect(ends(after['announce']!)).toEqual(['done', 'completed'])
})
