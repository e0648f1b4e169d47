import { expect } from 'vitest'
import type { Requirement } from './test-bench.ts'
import { addProfile } from './test-stage.ts'

const claiming: Requirement[] = [
  {
    promise: 'the secret of a claim is shown by the claim and nowhere else',
    about: ['task.claim', 'task.show', 'task.runs', 'task.list'],
    proof: async ({ call, scene }) => {
      const id = await scene.create()
      const { claim } = await call('task.claim', { id })
      for (const answer of [
        await call('task.show', { id }),
        await call('task.runs', { id }),
        await call('task.list', {}),
      ]) {
        expect(JSON.stringify(answer)).not.toContain(claim)
      }
    },
  },
  {
    promise: 'of many concurrent claims one wins, the others are CONFLICT',
    about: ['task.claim'],
    proof: async ({ doorName, stage, scene }) => {
      const id = await scene.create()
      const door = await stage.door(doorName)
      const tries = Array.from({ length: 12 }, () => door.call('task.claim', { id, board: scene.slug }))
      const outcomes = await Promise.all(tries)
      const refusals = outcomes.flatMap(({ error }) => (error === undefined ? [] : error.code))
      expect(refusals).toEqual(Array.from({ length: 11 }, () => 'CONFLICT'))
      expect((await scene.show(id)).runs).toHaveLength(1)
    },
  },
  {
    promise: 'a held, scheduled or waiting task is not claimed',
    about: ['task.claim'],
    proof: async ({ refused, scene }) => {
      const parent = await scene.create({ held: true })
      await refused('CONFLICT', 'task.claim', { id: parent })
      await refused('CONFLICT', 'task.claim', { id: await scene.create({ parents: [parent] }) })
      await refused('CONFLICT', 'task.claim', { id: await scene.create({ not_before_at: Date.now() + 9e6 }) })
      await refused('CONFLICT', 'task.claim', { id: await scene.create({ triage: true }) })
    },
  },
  {
    promise: 'a running task cannot be assigned, and an archived one cannot be worked on',
    about: ['task.assign', 'task.claim', 'task.delete'],
    proof: async ({ refused, scene }) => {
      const { id } = await scene.running()
      await refused('CONFLICT', 'task.assign', { id, assignee: 'other' })
      await refused('CONFLICT', 'task.delete', { id })
      const gone = await scene.create()
      await scene.do('task.archive', { id: gone })
      await refused('CONFLICT', 'task.claim', { id: gone })
      await refused('CONFLICT', 'task.assign', { id: gone, assignee: 'p' })
    },
  },
]

const answering: Requirement[] = [
  {
    promise: "a person's answer is in the next context",
    about: ['task.unblock', 'task.request_changes'],
    proof: async ({ call, scene }) => {
      const blocked = await scene.create()
      await scene.do('task.block', { id: blocked, reason: 'Which grammar?' })
      await call('task.unblock', { id: blocked, answer: 'The new grammar' })
      expect(await scene.context(blocked)).toMatch(/Which grammar[\s\S]*The new grammar|The new grammar/)
      const { id } = await scene.running()
      await scene.do('task.request_review', { id, summary: 'Look' })
      await call('task.request_changes', { id, note: 'Name it better' })
      expect(await scene.context(id)).toContain('Name it better')
    },
  },
  {
    promise: 'a verb that does not fit the status is CONFLICT, and names the status',
    about: ['task.approve', 'task.request_changes', 'task.unblock', 'task.request_review'],
    proof: async ({ refused, scene }) => {
      const id = await scene.create()
      for (const [name, input] of [
        ['task.approve', {}],
        ['task.request_changes', { note: 'N' }],
        ['task.unblock', {}],
        ['task.request_review', {}],
      ] as const) {
        expect((await refused('CONFLICT', name, { id, ...input })).message, name).toContain('ready')
      }
    },
  },
  {
    promise: 'why says in a sentence what keeps a task from running, or null',
    about: ['task.why'],
    proof: async ({ call, scene }) => {
      const parent = await scene.create()
      const child = await scene.create({ parents: [parent] })
      const { id: running } = await scene.running()
      expect((await call('task.why', { id: child })).why).toMatchObject({ gate: 'open_parents' })
      expect((await call('task.why', { id: parent })).why).toMatchObject({ gate: 'no_assignee' })
      expect((await call('task.why', { id: running })).why).toBeNull()
    },
  },
]

const several: Requirement[] = [
  {
    promise: 'a verb on several tasks does those that it can, in order and once each, and reports each',
    about: ['task.bulk'],
    proof: async ({ call, scene }) => {
      const [a, b] = [await scene.create(), await scene.create()]
      const ids = [b, 't_0000dead', a, b]
      const { results } = await call('task.bulk', { ids, verb: 'archive' })
      expect(results).toMatchObject([
        { id: b, task: { status: 'archived' } },
        { id: 't_0000dead', error: { code: 'NOT_FOUND', message: expect.any(String) } },
        { id: a, task: { status: 'archived' } },
      ])
    },
  },
  {
    promise: 'a handoff belongs to one run: several tasks cannot share it',
    about: ['task.bulk'],
    proof: async ({ refused, scene, canSay }) => {
      const ids = [await scene.create(), await scene.create()]
      for (const handoff of [{ summary: 'S' }, { metadata: { a: 1 } }]) {
        const input = { ids, verb: 'complete', ...handoff }
        if (await canSay('task.bulk', input)) await refused('INVALID_INPUT', 'task.bulk', input)
      }
    },
  },
  {
    promise: 'a field that does not fit the verb refuses the whole call',
    about: ['task.bulk'],
    proof: async ({ refused, scene, doorName }) => {
      const ids = [await scene.create()]
      if (doorName === 'cli') return // a verb has no flag for it
      await refused('INVALID_INPUT', 'task.bulk', { ids, verb: 'explode' })
      await refused('INVALID_INPUT', 'task.bulk', { ids, verb: 'archive', note: 'x' })
      await refused('INVALID_INPUT', 'task.bulk', { ids: [], verb: 'archive' })
      await refused('INVALID_INPUT', 'task.bulk', { ids, verb: 'block' })
    },
  },
]

const boards: Requirement[] = [
  {
    promise: 'slugs are converted to lower case, and an invalid slug is refused',
    about: ['board.create'],
    proof: async ({ call, refused, stage }) => {
      const slug = stage.freshName()
      expect((await call('board.create', { slug: slug.toUpperCase() })).board.slug).toBe(slug)
      await refused('CONFLICT', 'board.create', { slug })
      for (const bad of ['..', '../x', 'a/b', '.hidden', '_x', 'a b', 'ä', 'x'.repeat(65), 'con\u0000']) {
        await refused('INVALID_INPUT', 'board.create', { slug: bad })
      }
    },
  },
  {
    promise: 'a profile without a command, or with a name in use, is refused',
    about: ['profile.add'],
    proof: async ({ noted, stage }) => {
      const name = stage.freshName()
      await noted('INVALID_INPUT', 'profile.add', { name })
      await noted('NOT_FOUND', 'profile.add', { name, preset: 'nothing' })
      await addProfile(stage, name)
      await noted('CONFLICT', 'profile.add', { name, shell: 'true' })
    },
  },
]

/** Claiming, answering, several tasks at once, boards and profiles. */
export const PEOPLE_PROMISES: readonly Requirement[] = [...claiming, ...answering, ...several, ...boards]
