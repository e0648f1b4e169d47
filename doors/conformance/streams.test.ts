import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { BoardEvent, Client } from '../../contract/index.ts'
import { Memory, runCli } from '../cli/test-run.ts'
import { EventStream } from '../http/test-requests.ts'
import { startServer } from '../http/server.ts'
import { serveKernelOverPort } from '../ipc/index.ts'
import { asElectronPort } from './test-doors.ts'
import { openStage, PERSON, type Scene, type Stage } from './test-stage.ts'

/** Follows the comments of a board from a cursor through one door, until two have arrived. */
type Follow = (scene: Scene, since: number) => Promise<BoardEvent[]>

async function firstTwo(items: AsyncIterable<unknown>): Promise<BoardEvent[]> {
  const seen: BoardEvent[] = []
  for await (const item of items) {
    seen.push(item as BoardEvent)
    if (seen.length === 2) break
  }
  return seen
}

const DOORS: Record<string, Follow> = {
  kernel: async ({ kernel, person }, since) => {
    const ending = new AbortController()
    const events = kernel.stream('event.watch', { since, kinds: ['commented'] }, person, ending.signal)
    const seen = await firstTwo(events)
    ending.abort()
    return seen
  },

  ipc: async ({ kernel, person }, since) => {
    const { port1, port2 } = new MessageChannel()
    const served = serveKernelOverPort(kernel, asElectronPort(port1), person)
    const client = createORPCClient<Client & object>(new RPCLink({ port: port2 }))
    port2.start()
    const seen = await firstTwo(await client.event.watch({ since, kinds: ['commented'] }))
    served.close()
    return seen
  },

  http: async ({ kernel, slug }, since) => {
    const server = await startServer(kernel, { env: PERSON, pageFolder: null })
    const path = `/api/events?board=${slug}&since=${since}&kinds=commented`
    const stream = await EventStream.open(server, path)
    const seen: BoardEvent[] = []
    while (seen.length < 2) {
      const sent = await stream.next()
      if (sent?.data !== undefined) seen.push(sent.data as BoardEvent)
      expect(sent?.id).toBe(String(seen.at(-1)?.id))
    }
    stream.leave()
    await server.close()
    return seen
  },

  cli: async ({ kernel, slug }, since) => {
    const [stdout, ending] = [new Memory(), new AbortController()]
    void stdout.until('second').then(() => {
      ending.abort()
    })
    const argv = ['--json', '--board', slug, 'watch', '--since', String(since), '--kinds', 'commented']
    await runCli(argv, { kernel, cwd: '/', env: PERSON, stdout, signal: ending.signal })
    return stdout.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as BoardEvent)
  },
}

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(async () => {
  await stage.close()
  expect(stage.reports).toEqual([])
})

it.each(Object.entries(DOORS))(
  'events come through %s from the cursor, as they happen',
  async (_name, follow) => {
    const scene = await stage.scene()
    const id = await scene.create()
    await scene.do('comment.add', { id, body: 'before' })
    const { cursor } = await scene.do('board.view', {})
    await scene.do('comment.add', { id, body: 'one', author: 'first' })
    const following = follow(scene, cursor)
    await scene.do('task.edit', { id, title: 'Not a comment' })
    await scene.do('comment.add', { id, body: 'two', author: 'second' })
    const expected = { task_id: id, run_id: null, kind: 'commented' }
    expect(await following).toMatchObject([
      { ...expected, payload: { author: 'first' } },
      { ...expected, payload: { author: 'second' } },
    ])
  },
)
