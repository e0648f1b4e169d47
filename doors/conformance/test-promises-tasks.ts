import { expect } from 'vitest'
import type { Requirement } from './test-bench.ts'
import type { Input } from './test-doors.ts'

const creating: Requirement[] = [
  {
    promise: 'a blank title is refused',
    about: ['task.create'],
    proof: async ({ refused }) => {
      for (const title of ['', ' ', '\t\n  ']) await refused('INVALID_INPUT', 'task.create', { title })
    },
  },
  {
    promise: 'text is returned unchanged',
    about: ['task.create', 'task.show'],
    proof: async ({ call }) => {
      for (const text of [
        'ünï “quoted” 🎉 \u2028 עברית',
        "it's --a ‘flag’=x; $(rm -rf ~) `ls` %PATH% \\n",
        '-5',
        'null',
        '{"json": [1]}',
        '<script>alert(1)</script>',
        "'); DROP TABLE tasks; --",
      ]) {
        const { task } = await call('task.create', {
          title: text,
          body: `${text}\n\n\tsecond line\r\n${text}`,
        })
        const shown = await call('task.show', { id: task.id })
        expect(shown.task).toMatchObject({ title: text, body: `${text}\n\n\tsecond line\r\n${text}` })
      }
    },
  },
  {
    promise: 'a task in a worktree is refused where the board has no repository, with the remedy',
    about: ['task.create'],
    proof: async ({ refused, scene }) => {
      const { message } = await refused('CONFLICT', 'task.create', { title: 'x', workspace: 'worktree' })
      expect(message).toContain(`boards set ${scene.slug} --project DIR`)
    },
  },
  {
    promise: 'blank optional text counts as absent',
    about: ['task.create'],
    proof: async ({ call }) => {
      const { task } = await call('task.create', { title: ' A ', body: '  ', tenant: '', model: '\n' })
      expect(task).toMatchObject({ title: 'A', body: null, tenant: null, model: null })
    },
  },
  {
    promise: 'a known idempotency key returns its task, until that is archived',
    about: ['task.create'],
    proof: async ({ call, scene }) => {
      const first = await call('task.create', { title: 'One', idempotency_key: 'k' })
      const again = await call('task.create', { title: 'Two', idempotency_key: 'k' })
      expect([first.created, again.created, again.task.id]).toEqual([true, false, first.task.id])
      await scene.do('task.archive', { id: first.task.id })
      const other = await call('task.create', { title: 'Three', idempotency_key: 'k' })
      expect([other.created, other.task.title]).toEqual([true, 'Three'])
    },
  },
  {
    promise: 'concurrent creations with one idempotency key create one task',
    about: ['task.create'],
    proof: async ({ call, scene }) => {
      const asked = Array.from({ length: 10 }, () =>
        call('task.create', { title: 'Once', idempotency_key: 'race' }),
      )
      const answers = await Promise.all(asked)
      expect(new Set(answers.map((answer) => answer.task.id)).size).toBe(1)
      expect(answers.filter((answer) => answer.created)).toHaveLength(1)
      expect((await scene.do('task.list', {})).tasks).toHaveLength(1)
    },
  },
  {
    promise: 'a task with an open parent waits, with finished ones it is ready',
    about: ['task.create'],
    proof: async ({ call, scene }) => {
      const [open, done] = [await scene.create(), await scene.create()]
      await scene.do('task.complete', { id: done })
      expect((await call('task.create', { title: 'x', parents: [open, done] })).task.status).toBe('todo')
      expect((await call('task.create', { title: 'x', parents: [done] })).task.status).toBe('ready')
    },
  },
  {
    promise: 'an unknown parent or child refuses the whole task',
    about: ['task.create'],
    proof: async ({ refused, scene }) => {
      const id = await scene.create()
      const error = await refused('NOT_FOUND', 'task.create', { title: 'x', parents: [id, 't_0000dead'] })
      expect(error.message).toContain('t_0000dead')
      await refused('NOT_FOUND', 'task.create', { title: 'x', children: ['t_0000dead'] })
      await refused('CYCLE', 'task.create', { title: 'x', parents: [id], children: [id] })
    },
  },
  {
    promise: 'profile names are converted to lower case, and an invalid name is refused',
    about: ['task.create'],
    proof: async ({ call, refused }) => {
      expect((await call('task.create', { title: 'x', assignee: 'Coder-1' })).task.assignee).toBe('coder-1')
      for (const assignee of ['../x', 'a b', 'ä', '.', 'a/b', 'x'.repeat(65)]) {
        await refused('INVALID_INPUT', 'task.create', { title: 'x', assignee })
      }
    },
  },
]

const linking: Requirement[] = [
  {
    promise: 'a link that closes a circle is CYCLE, also a link to itself',
    about: ['link.add'],
    proof: async ({ refused, scene }) => {
      const a = await scene.create()
      const b = await scene.create({ parents: [a] })
      const c = await scene.create({ parents: [b] })
      await refused('CYCLE', 'link.add', { parent_id: a, child_id: a })
      await refused('CYCLE', 'link.add', { parent_id: c, child_id: a })
    },
  },
  {
    promise: 'adding an existing link and removing a missing one change nothing',
    about: ['link.add', 'link.remove'],
    proof: async ({ call, scene }) => {
      const parent_id = await scene.create()
      const child_id = await scene.create({ parents: [parent_id] })
      const before = scene.dump()
      expect(await call('link.add', { parent_id, child_id })).toMatchObject({ changed: false })
      expect(await call('link.remove', { parent_id: child_id, child_id: parent_id })).toMatchObject({
        changed: false,
      })
      expect(scene.dump()).toEqual(before)
    },
  },
  {
    promise: 'a link to an unknown task is NOT_FOUND',
    about: ['link.add', 'link.remove'],
    proof: async ({ refused, scene }) => {
      const id = await scene.create()
      for (const name of ['link.add', 'link.remove'] as const) {
        await refused('NOT_FOUND', name, { parent_id: id, child_id: 't_0000dead' })
        await refused('NOT_FOUND', name, { parent_id: 't_0000dead', child_id: id })
      }
    },
  },
]

const listing: Requirement[] = [
  {
    promise: 'a list is ordered by priority, then by creation, unless sorted',
    about: ['task.list'],
    proof: async ({ call, scene }) => {
      const low = await scene.create({ title: 'b', priority: -1 })
      const first = await scene.create({ title: 'c' })
      const second = await scene.create({ title: 'a' })
      const high = await scene.create({ title: 'd', priority: 5 })
      const ids = async (input: Input) =>
        (await call('task.list', input)).tasks.map((task: { id: string }) => task.id)
      expect(await ids({})).toEqual([high, first, second, low])
      expect(await ids({ sort: 'title' })).toEqual([second, low, first, high])
      expect(await ids({ sort: 'priority' })).toEqual([low, first, second, high])
      expect(await ids({ limit: 2 })).toEqual([high, first])
    },
  },
  {
    promise: 'the filters of a list are combined, and archived tasks must be requested',
    about: ['task.list'],
    proof: async ({ call, scene }) => {
      const both = await scene.create({ assignee: 'p', tenant: 't', title: '100% sure' })
      const one = await scene.create({ assignee: 'p', title: 'other' })
      const gone = await scene.create({ tenant: 't' })
      await scene.do('task.archive', { id: gone })
      const ids = async (input: Input) =>
        new Set((await call('task.list', input)).tasks.map((task: { id: string }) => task.id))
      expect(await ids({})).toEqual(new Set([both, one]))
      expect(await ids({ assignee: 'p', tenant: 't' })).toEqual(new Set([both]))
      expect(await ids({ search: 'SURE' })).toEqual(new Set([both]))
      expect(await ids({ search: 'sure', tenant: 'x' })).toEqual(new Set())
      expect(await ids({ archived: true, tenant: 't' })).toEqual(new Set([both, gone]))
      expect(await ids({ status: ['archived', 'done'] })).toEqual(new Set([gone]))
      expect(await ids({ status: ['review'] })).toEqual(new Set())
    },
  },
  {
    promise: 'a search takes any text literally',
    about: ['task.list'],
    proof: async ({ call, scene }) => {
      await scene.create({ title: 'A task' })
      for (const search of ['"', '%', '_', '*', 'a AND', '(', 'title:a', '-a', "'; --", 'NEAR(a b)', '\\']) {
        const { tasks } = await call('task.list', { search })
        expect(tasks.length, search).toBeLessThanOrEqual(1)
      }
      expect((await call('task.list', { search: 'nothing of the kind' })).tasks).toEqual([])
    },
  },
  {
    promise: 'a worker can list its own tasks',
    about: ['task.list'],
    proof: async ({ call, refused, scene }) => {
      const { id, worker } = await scene.running({ assignee: 'coder' })
      await scene.create({ assignee: 'other' })
      expect((await call('task.list', { mine: true }, worker)).tasks).toMatchObject([{ id }])
      await refused('INVALID_INPUT', 'task.list', { mine: true })
    },
  },
  {
    promise: 'invalid statuses, sorts and limits are refused',
    about: ['task.list'],
    proof: async ({ refused }) => {
      await refused('INVALID_INPUT', 'task.list', { status: ['doing'] })
      await refused('INVALID_INPUT', 'task.list', { sort: 'size' })
      for (const limit of [0, -1, 1.5, 1e9]) await refused('INVALID_INPUT', 'task.list', { limit })
    },
  },
]

/** Creating, linking and listing. */
export const TASK_PROMISES: readonly Requirement[] = [...creating, ...linking, ...listing]
