import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Run, Task, TaskDetail } from '../../contract/index.ts'
import { cleanUp, setup, until } from '../../kernel/testing/setup.ts'
import { type RunningServer, startServer } from './server.ts'
import { ask, EventStream } from './test-requests.ts'

/** A real board behind a real server, and calls to it that must succeed. */
async function served(options: Parameters<typeof setup>[0] = {}) {
  const board = await setup(options)
  const server: RunningServer = await startServer(board.kernel, { pageFolder: null, env: { USER: 'ann' } })
  // Once, at the end: an FTS5 index looks corrupt to a connection that read it before another one merged it.
  cleanUp(async () => {
    await server.close()
    board.invariants()
  })
  const on = (path: string) => `/api${path}${path.includes('?') ? '&' : '?'}board=test`
  const send = (method: string, path: string, body?: unknown) => ask(server, { method, path: on(path), body })
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await send(method, path, body)
    expect([path, answer.status, answer.status === 200 ? '' : answer.text]).toEqual([path, 200, ''])
    return answer.json() as T
  }
  return { ...board, server, send, call }
}

interface TaskAnswer {
  task: Task
  run?: Run
}

it('carries a task through its life', async () => {
  const { call, send } = await served()
  const { task: parent } = await call<TaskAnswer>('POST', '/tasks', { title: 'Parent', priority: 2 })
  const { task } = await call<TaskAnswer>('POST', '/tasks', { title: 'Child', parents: [parent.id] })
  expect([parent.status, task.status]).toEqual(['ready', 'todo'])

  const early = await send('POST', `/tasks/${task.id}/complete`, { summary: 'too early' })
  expect([early.status, early.json().error.code]).toEqual([409, 'CONFLICT'])

  const claimed = await call<{ task: Task; run: Run; claim: string }>('POST', `/tasks/${parent.id}/claim`, {})
  expect([claimed.run.attempt, claimed.run.trigger, claimed.claim.length > 10]).toEqual([1, 'api', true])
  await call('POST', `/tasks/${parent.id}/heartbeat`, { note: 'half way' })
  await call('POST', `/tasks/${parent.id}/comments`, { body: 'Looks good' })
  const metadata = { changed_files: ['a.ts'], nested: { deep: [1, null] } }
  const done = await call<TaskAnswer>('POST', `/tasks/${parent.id}/complete`, { summary: 'Did it', metadata })
  expect([done.task.status, done.run?.outcome]).toEqual(['done', 'completed'])

  const detail = await call<TaskDetail>('GET', `/tasks/${parent.id}`)
  expect(detail.runs.map((run) => [run.summary, run.metadata])).toEqual([['Did it', metadata]])
  expect(detail.comments.map(({ author, body }) => [author, body])).toEqual([['ann', 'Looks good']])
  expect((await call<TaskDetail>('GET', `/tasks/${task.id}`)).task.status).toBe('ready')
})

it('links, edits, lists, moves several at once, and deletes', async () => {
  const { call, send } = await served()
  const tasks: Task[] = []
  for (const title of ['A', 'B', 'C']) tasks.push((await call<TaskAnswer>('POST', '/tasks', { title })).task)
  const [a, b, c] = tasks.map(({ id }) => id)
  await call('POST', '/links', { parent_id: a, child_id: b })
  const cycle = await send('POST', '/links', { parent_id: b, child_id: a })
  expect([cycle.status, cycle.json().error.code]).toEqual([409, 'CYCLE'])
  await call('DELETE', `/links?parent_id=${a}&child_id=${b}`)
  await call('PATCH', `/tasks/${a}`, { title: 'A changed', priority: 9, body: null })
  const listed = await call<{ tasks: Task[] }>('GET', '/tasks?status=ready,todo&sort=-priority&limit=2')
  expect(listed.tasks.map(({ title }) => title)[0]).toBe('A changed')

  const bulk = await call<{ results: unknown[] }>('POST', '/tasks/bulk', {
    ids: [b, 't_ffffffff', c],
    verb: 'archive',
  })
  expect(bulk.results).toMatchObject([
    { id: b, task: {} },
    { error: { code: 'NOT_FOUND' } },
    { id: c, task: {} },
  ])
  expect(await call('DELETE', `/tasks/${b}`)).toEqual({ deleted: true, id: b })
  expect((await send('GET', `/tasks/${b}`)).status).toBe(404)
})

it('takes the same idempotency key for the same task, and many creations at once', async () => {
  const { call } = await served()
  const same = await Promise.all(
    Array.from({ length: 10 }, () =>
      call<TaskAnswer>('POST', '/tasks', { title: 'Once', idempotency_key: 'k' }),
    ),
  )
  expect(new Set(same.map(({ task }) => task.id)).size).toBe(1)
  const many = await Promise.all(
    Array.from({ length: 100 }, (_, index) => call<TaskAnswer>('POST', '/tasks', { title: `Task ${index}` })),
  )
  expect(new Set(many.map(({ task }) => task.id)).size).toBe(100)
})

it('lets one of many claimers win', async () => {
  const { call, send } = await served()
  const { task } = await call<TaskAnswer>('POST', '/tasks', { title: 'Wanted' })
  const answers = await Promise.all(Array.from({ length: 20 }, () => send('POST', `/tasks/${task.id}/claim`)))
  const statuses = answers.map(({ status }) => status).sort()
  expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 409)])
})

it('runs real work, and streams its events, also to a client that reconnects', async () => {
  const { call, server, kernel } = await served({ clock: 'real' })
  await call('POST', '/profiles', { name: 'echo', shell: 'echo hello; echo done', completion: 'exit-code' })
  const stream = await EventStream.open(server, '/api/events?board=test&since=0')
  const { task } = await call<TaskAnswer>('POST', '/tasks', { title: 'Say hello', assignee: 'echo' })
  const plan = await call<{ dry_run: boolean; claimed: unknown[] }>('POST', '/dispatch?dry_run=1')
  expect([plan.dry_run, plan.claimed.length]).toEqual([true, 1])
  kernel.startDispatching()

  const seen: { id: number; kind: string; run_id: number | null }[] = []
  while (seen.at(-1)?.kind !== 'completed') seen.push((await stream.next())?.data as (typeof seen)[number])
  stream.leave()
  expect(seen.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['created', 'claimed', 'spawned', 'completed']),
  )
  const again = await EventStream.open(server, '/api/events?board=test', {
    'last-event-id': String(seen[0]?.id),
  })
  expect((await again.next())?.data).toEqual(seen[1])
  again.leave()

  const { runs } = await call<{ runs: Run[] }>('GET', `/tasks/${task.id}/runs`)
  const log = await call<{ content: string; next: number }>('GET', `/runs/${runs[0]?.id}/log?from=0`)
  expect(log.content).toBe('hello\ndone\n')
  const rest = await call<{ content: string }>('GET', `/runs/${runs[0]?.id}/log?from=6`)
  expect(rest.content).toBe('done\n')
})

it('creates the demo, and serves its board', async () => {
  const { call, server } = await served()
  const demo = await call<{ board: string; tasks: string[] }>('POST', '/demo')
  const answer = await ask(server, { path: `/api/board?board=${demo.board}` })
  const { columns, cursor } = answer.json() as unknown as { columns: { cards: unknown[] }[]; cursor: number }
  expect(columns.flatMap(({ cards }) => cards)).toHaveLength(demo.tasks.length)
  const changes = await ask(server, { path: `/api/board/changes?board=${demo.board}&since=${cursor}` })
  expect(changes.json()).toMatchObject({ cursor, reset: false, cards: [] })
})

/** `runboard serve` as a process, run from its sources. */
function startServe(home: string) {
  const code = `
    import { openKernel } from './kernel/index.ts'
    import { serve } from './doors/http/serve.ts'
    const kernel = openKernel({ home: process.env.RUNBOARD_HOME })
    await serve(kernel, { port: 0, open: false, dispatch: true })
    await kernel.close()`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    env: { ...process.env, RUNBOARD_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  cleanUp(() => void child.kill('SIGKILL'))
  return child
}

it('stops at SIGTERM while a worker runs, without waiting for it, and leaves no file', async () => {
  const { home, call, task: read, show } = await served({ clock: 'real' })
  const endless = `while [ -d '${home}' ]; do sleep 0.1; done`
  await call('POST', '/profiles', { name: 'slow', shell: endless, completion: 'exit-code' })
  const { task } = await call<TaskAnswer>('POST', '/tasks', { title: 'Takes its time', assignee: 'slow' })
  const child = startServe(home)
  await until(() => existsSync(join(home, 'serve.json')), 'the server')
  await until(async () => (await show(task.id)).runs[0]?.worker_pid, 'the worker')
  const { pid, url } = JSON.parse(await readFile(join(home, 'serve.json'), 'utf8')) as {
    pid: number
    url: string
  }
  expect([pid, url.startsWith('http://127.0.0.1:')]).toEqual([child.pid, true])

  child.kill('SIGTERM')
  const code = await new Promise((resolve) => child.once('exit', resolve))
  expect(code).toBe(0)
  expect(existsSync(join(home, 'serve.json'))).toBe(false)
  const worker = (await show(task.id)).runs[0]?.worker_pid ?? 0
  expect(() => process.kill(worker, 0)).not.toThrow()
  expect((await read(task.id)).status).toBe('running')
  process.kill(worker, 'SIGKILL')
})

it('compresses long answers for clients that accept it', async () => {
  const { call, server } = await served()
  for (let n = 0; n < 20; n++) await call('POST', '/tasks', { title: `Task ${n}` })
  const [plain, small] = await Promise.all([
    ask(server, { path: '/api/tasks?board=test' }),
    ask(server, { path: '/api/tasks?board=test', headers: { 'accept-encoding': 'gzip' } }),
  ])
  expect([plain.headers['content-encoding'], small.headers['content-encoding']]).toEqual([undefined, 'gzip'])
  expect(plain.json()['tasks']).toHaveLength(20)
})
