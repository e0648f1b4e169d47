import { expect } from 'vitest'
import type { Bench, Requirement } from './test-bench.ts'
import { addProfile } from './test-stage.ts'

const BAD_METADATA = [[1], 'text', 5, true]

/** Starts a worker that would run for ten minutes. */
async function startWorker({ scene, stage }: Bench): Promise<{ id: string; pid: number }> {
  const assignee = stage.freshName()
  await addProfile(stage, assignee, { shell: 'trap "" HUP; sleep 600 & wait', completion: 'explicit' })
  const id = await scene.create({ assignee })
  await scene.do('dispatcher.dispatch', {})
  const { runs } = (await scene.do('task.runs', { id })) as { runs: { worker_pid: number }[] }
  return { id, pid: runs[0]!.worker_pid }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false // no such process
  }
}

/** What a worker reports, and its effect. */
export const REPORT_PROMISES: readonly Requirement[] = [
  {
    promise: "a person's report that ends a run also ends its worker",
    about: ['task.complete', 'task.block', 'task.request_review'],
    proof: async (bench) => {
      for (const [name, input] of [
        ['task.complete', {}],
        ['task.block', { reason: 'Not like this' }],
        ['task.request_review', {}],
      ] as const) {
        const { id, pid } = await startWorker(bench)
        await bench.call(name, { id, ...input })
        expect({ name, runs: isRunning(pid) }).toEqual({ name, runs: false })
      }
    },
  },
  {
    promise: 'a person who moves a task out of running, alone or with others, ends its worker',
    about: ['task.move', 'task.bulk'],
    proof: async (bench) => {
      for (const [name, input] of [
        ['task.move', { status: 'done' }],
        ['task.bulk', { verb: 'complete' }],
        ['task.bulk', { verb: 'archive' }],
      ] as const) {
        const { id, pid } = await startWorker(bench)
        const ids = [id, await bench.scene.create()]
        await bench.call(name, name === 'task.bulk' ? { ids, ...input } : { id, ...input })
        expect({ name, input, runs: isRunning(pid) }).toEqual({ name, input, runs: false })
      }
    },
  },
  {
    promise: 'metadata that is not an object is refused before anything changes',
    about: ['task.complete'],
    proof: async ({ refused, scene }) => {
      const { id, worker } = await scene.running()
      for (const metadata of BAD_METADATA) {
        await refused('INVALID_INPUT', 'task.complete', { id, summary: 'S', metadata }, worker)
        await refused('INVALID_INPUT', 'task.complete', { id, metadata })
      }
    },
  },
  {
    promise: 'metadata is returned unchanged',
    about: ['task.complete', 'task.runs'],
    proof: async ({ call, scene }) => {
      const { id, worker } = await scene.running()
      const metadata = {
        files: ['ü.ts', "it's"],
        count: 1e15,
        none: null,
        deep: { a: [{ b: [] }, {}] },
        'key with "quotes"\n': '\u0007 and \\',
        __proto_: 'x',
        constructor: 1,
      }
      await call('task.complete', { id, metadata }, worker)
      expect((await call('task.runs', { id })).runs[0].metadata).toEqual(metadata)
    },
  },
  {
    promise: 'a summary that is blank falls back to the result',
    about: ['task.complete'],
    proof: async ({ call, scene }) => {
      const { id, worker } = await scene.running()
      const { run, task } = await call('task.complete', { id, summary: ' ', result: 'The result' }, worker)
      expect([run.summary, task.result]).toEqual(['The result', 'The result'])
    },
  },
  {
    promise: 'a task that nobody claimed is completed without a run, or with one that has the handoff',
    about: ['task.complete', 'task.runs'],
    proof: async ({ call, scene, trigger }) => {
      const [bare, told] = [await scene.create(), await scene.create()]
      expect((await call('task.complete', { id: bare, summary: ' ' })).run).toBeUndefined()
      expect((await call('task.runs', { id: bare })).runs).toEqual([])
      const { run } = await call('task.complete', { id: told, summary: 'By hand' })
      expect(run).toMatchObject({ outcome: 'completed', summary: 'By hand', attempt: 1, trigger })
      expect(run.started_at).toBe(run.ended_at)
    },
  },
  {
    promise: 'a task with open parents cannot be completed, and the refusal names them',
    about: ['task.complete'],
    proof: async ({ refused, scene }) => {
      const parent = await scene.create()
      const id = await scene.create({ parents: [parent] })
      expect((await refused('CONFLICT', 'task.complete', { id })).message).toContain(parent)
    },
  },
  {
    promise: 'created_cards that the run did not create refuse the completion, and the refusal is recorded',
    about: ['task.complete'],
    proof: async ({ noted, call, scene }) => {
      const { id, worker } = await scene.running()
      const foreign = await scene.create()
      const created_cards = [foreign, 't_0000dead']
      const error = await noted('UNKNOWN_CARDS', 'task.complete', { id, created_cards }, worker)
      expect(error.data).toMatchObject({ unknown: created_cards })
      const { task, events } = await scene.show(id)
      expect(task.status).toBe('running')
      expect(events.at(-1)).toMatchObject({ kind: 'cards_rejected' })
      await call('task.complete', { id }, worker)
    },
  },
  {
    promise: 'a run that is over gets STALE_RUN for every write of its worker, and the text is kept',
    about: ['task.heartbeat', 'task.complete', 'task.block', 'task.request_review', 'comment.add'],
    proof: async ({ noted, scene }) => {
      const { id, worker } = await scene.running()
      await scene.do('task.block', { id, reason: 'By hand' })
      const { runs } = await scene.show(id)
      for (const [name, input] of [
        ['task.heartbeat', { note: 'late' }],
        ['task.complete', { summary: 'late' }],
        ['task.block', { reason: 'late' }],
        ['task.request_review', { summary: 'late' }],
        ['comment.add', { body: 'late' }],
      ] as const) {
        const error = await noted('STALE_RUN', name, { id, ...input }, worker)
        expect(error.data).toMatchObject({ run_id: runs[0].id })
      }
      const after = await scene.show(id)
      expect([after.task.status, after.runs, after.comments]).toEqual(['blocked', runs, []])
      const late = after.events.filter((event: { kind: string }) => event.kind === 'late_write')
      expect(late).toHaveLength(5)
    },
  },
  {
    promise: 'a worker without the secret of its claim writes nothing',
    about: ['task.complete', 'comment.add'],
    proof: async ({ refused, scene }) => {
      const { id, worker } = await scene.running()
      for (const claim of [undefined, '', 'x', `${worker['RUNBOARD_CLAIM'] ?? ''}x`]) {
        const forged = { ...worker, RUNBOARD_CLAIM: claim }
        await refused('UNAUTHORIZED', 'task.complete', { id }, forged)
        await refused('UNAUTHORIZED', 'comment.add', { id, body: 'x' }, forged)
      }
    },
  },
  {
    promise: 'a worker whose run the board does not have is STALE_RUN',
    about: ['task.complete'],
    proof: async ({ refused, scene }) => {
      const { id, worker } = await scene.running()
      await refused('STALE_RUN', 'task.complete', { id }, { ...worker, RUNBOARD_RUN: '999999' })
    },
  },
  {
    promise: 'a heartbeat extends the claim and leaves its latest note',
    about: ['task.heartbeat'],
    proof: async ({ call, refused, scene }) => {
      const { id, worker } = await scene.running()
      const before = (await scene.show(id)).runs[0]
      const { run } = await call('task.heartbeat', { id, note: 'half way' }, worker)
      expect(run.last_heartbeat_note).toBe('half way')
      expect(run.claim_expires_at).toBeGreaterThanOrEqual(before.claim_expires_at)
      await refused('CONFLICT', 'task.heartbeat', { id: await scene.create() })
    },
  },
  {
    promise: 'a comment of a worker is signed by its profile and carries its run',
    about: ['comment.add'],
    proof: async ({ call, scene }) => {
      const { id, worker } = await scene.running()
      const { comment } = await call('comment.add', { id, body: 'Mine', author: 'the boss' }, worker)
      expect(comment).toMatchObject({ author: 'coder', run_id: Number(worker['RUNBOARD_RUN']) })
      const byPerson = await call('comment.add', { id, body: 'Mine', author: 'grace' })
      expect(byPerson.comment).toMatchObject({ author: 'grace', run_id: null })
    },
  },
  {
    promise: 'a blank comment, reason or note is refused',
    about: ['comment.add', 'task.block', 'task.request_changes'],
    proof: async ({ refused, scene }) => {
      const id = await scene.create()
      await refused('INVALID_INPUT', 'comment.add', { id, body: ' \n' })
      await refused('INVALID_INPUT', 'task.block', { id, reason: '\t' })
      await refused('INVALID_INPUT', 'task.request_changes', { id, note: '' })
      await refused('INVALID_INPUT', 'task.block', { id, reason: 'R', kind: 'gave_up' })
    },
  },
]
