import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sendStream, streamAt } from './event-stream.ts'
import { type RunningServer, startServer } from './server.ts'
import { makeEvent, TestKernel } from '../testing/test-kernel.ts'
import { ask, EventStream, rawRequest } from './test-requests.ts'
import { until } from '../../kernel/testing/until.ts'

let kernel: TestKernel
let server: RunningServer

beforeEach(async () => {
  kernel = new TestKernel()
  server = await startServer(kernel, { pageFolder: null, heartbeatMs: 20, stallMs: 300 })
})

afterEach(() => server.close())

describe('a stream of events', () => {
  it('sends each event with its cursor', async () => {
    const stream = await EventStream.open(server, '/api/events?board=home')
    await until(() => kernel.openStreams === 1)
    kernel.append(11, 12)
    expect(await stream.next()).toEqual({ event: 'message', id: '11', data: makeEvent(11) })
    expect(await stream.next()).toMatchObject({ id: '12' })
    stream.leave()
  })

  it('continues from a cursor', async () => {
    kernel.append(1, 2, 3)
    const stream = await EventStream.open(server, '/api/events?since=1')
    expect([(await stream.next())?.id, (await stream.next())?.id]).toEqual(['2', '3'])
    stream.leave()
  })

  it('prefers the last event that a client saw to the cursor where it began', async () => {
    kernel.append(1, 2, 3)
    const stream = await EventStream.open(server, '/api/events?since=0', { 'last-event-id': '2' })
    expect((await stream.next())?.id).toBe('3')
    stream.leave()
  })

  it('loses and repeats nothing over broken connections', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => index + 1)
    kernel.append(...ids)
    const seen: number[] = []
    while (seen.length < ids.length) {
      const stream = await EventStream.open(server, `/api/events?since=${seen.at(-1) ?? 0}`)
      for (let count = 0; count < 7 && seen.length < ids.length; count++)
        seen.push(Number((await stream.next())?.id))
      stream.leave()
    }
    expect(seen).toEqual(ids)
  })

  it('is refused when the board is unknown or the query is wrong', async () => {
    const missing = await ask(server, { path: '/api/events?board=missing' })
    expect([missing.status, missing.json().error.code]).toEqual([404, 'NOT_FOUND'])
    const wrong = await ask(server, { path: '/api/events?since=yesterday' })
    expect([wrong.status, wrong.json().error.code]).toEqual([400, 'INVALID_INPUT'])
    expect(kernel.openStreams).toBe(0)
  })

  it('sends heartbeats while nothing happens', async () => {
    const stream = await EventStream.open(server, '/api/events')
    const next = stream.next()
    await until(() => stream.comments.length > 3)
    stream.leave()
    await expect(next).rejects.toThrow()
  })

  it('ends in the kernel when the client leaves', async () => {
    const stream = await EventStream.open(server, '/api/events')
    await until(() => kernel.openStreams === 1)
    stream.leave()
    await until(() => kernel.openStreams === 0)
  })

  it('ends cleanly when the server closes', async () => {
    const stream = await EventStream.open(server, '/api/events')
    const next = stream.next()
    await server.close()
    // A stream that was cut off instead of ended would reject.
    expect(await next).toBeUndefined()
    expect(kernel.openStreams).toBe(0)
  })

  it('ends at once when the server is already closing', async () => {
    const stream = streamAt('GET', '/events')!
    const options = {
      kernel,
      caller: { actor: 'test', trigger: 'api' as const },
      report: () => undefined,
      closing: AbortSignal.abort(),
      heartbeatMs: 20,
      stallMs: 300,
    }
    const closing = createServer((request, response) => void sendStream(stream, request, response, options))
    closing.listen(0, '127.0.0.1')
    await once(closing, 'listening')
    const { port } = closing.address() as AddressInfo
    expect(await (await fetch(`http://127.0.0.1:${port}/api/events`)).text()).toBe(': \n\n')
    expect(kernel.openStreams).toBe(0)
    closing.close()
  })
})

it('answers other calls while many streams are idle', async () => {
  const streams = await Promise.all(
    Array.from({ length: 150 }, () => EventStream.open(server, '/api/events')),
  )
  await until(() => kernel.openStreams === 150)
  expect((await ask(server, { path: '/api/tasks' })).status).toBe(200)
  for (const stream of streams) stream.leave()
  await until(() => kernel.openStreams === 0)
})

it('buffers nothing for a reader that never reads, cuts it off, and lets it resume from its cursor', async () => {
  const count = 50_000
  kernel.append(...Array.from({ length: count }, (_, index) => index + 1))
  const socket = rawRequest(server, '/api/events?since=0')
  socket.on('error', () => undefined)
  await until(() => kernel.taken > 0)
  // The taken events only fill the buffers of the two sockets; then the stream waits, and is closed.
  await until(() => kernel.openStreams === 0)
  expect(kernel.taken).toBeLessThan(count)
  const closed = once(socket, 'close')
  let last = ''
  socket.on('data', (chunk: Buffer) => {
    last = (last + chunk.toString()).slice(-2_000)
  })
  socket.resume()
  await closed
  const seen = Number([...last.matchAll(/id: (\d+)/g)].at(-1)?.[1])
  const resumed = await EventStream.open(server, `/api/events?since=${seen}`)
  expect((await resumed.next())?.id).toBe(String(seen + 1))
  resumed.leave()
})
