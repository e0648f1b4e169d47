import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Client, OperationError, operationList } from '../../contract/index.ts'
import { makeEvent, TestKernel } from '../testing/test-kernel.ts'
import { localClient, type PortHere, type ServedPort, serveKernelOverPort } from './index.ts'
import { until } from '../../kernel/testing/until.ts'

const caller = { actor: 'ann', trigger: 'human' as const }

/** Electron's end of a port delivers `{ data }`, Node's end the data itself. */
function asElectronPort(port: MessagePort): PortHere {
  return {
    on: (event: string, listener: (payload: never) => void) =>
      port.on(event as 'message', (data: unknown) => {
        listener({ data } as never)
      }),
    start: () => {
      port.start()
    },
    postMessage: (data) => {
      port.postMessage(data)
    },
    close: () => {
      port.close()
    },
  }
}

let kernel: TestKernel
let reports: unknown[][]
let served: ServedPort
let page: MessagePort
let client: Client

function load(): void {
  const channel = new MessageChannel()
  page = channel.port2
  served = serveKernelOverPort(kernel, asElectronPort(channel.port1), caller, (...told) => reports.push(told))
  client = createORPCClient<Client & object>(new RPCLink({ port: page }))
  page.start()
}

beforeEach(() => {
  kernel = new TestKernel()
  reports = []
  load()
})

afterEach(() => {
  served.close()
})

function operationAt(path: string) {
  const found = operationList.find(([, spec]) => spec.http?.path === path)
  if (found === undefined) throw new Error(`no route ${path}`)
  return found[0]
}

describe.each([
  ['over a port', () => client],
  ['beside the kernel', () => localClient(kernel, caller)],
])('a client %s', (_where, connected) => {
  it('calls the operations of the contract in the name of its caller', async () => {
    kernel.answers.set(operationAt('/tasks/{id}/approve'), ({ id }) => ({ task: { id } }))
    const answer = await connected().task.approve({ id: 't_0000000a' })
    expect(answer).toEqual({ task: { id: 't_0000000a' } })
    const none = {
      note: null,
      verdict: null,
      metadata: null,
      visit: null,
      into: null,
      message: null,
      method: null,
      form: null,
      edit: null,
    }
    const input = { id: 't_0000000a', merge: false, ...none }
    expect(kernel.calls).toEqual([{ name: operationAt('/tasks/{id}/approve'), input, caller }])
  })

  it('has every operation of the contract', async () => {
    const groups = connected() as unknown as Record<
      string,
      Record<string, (input: unknown) => Promise<unknown>>
    >
    for (const [name, spec] of operationList) {
      if (spec.kind === 'stream') continue
      const [group = '', verb = ''] = name.split('.')
      const refused = await groups[group]![verb]!({}).catch((error: unknown) => error)
      if (refused instanceof Error) expect(refused).toMatchObject({ code: 'INVALID_INPUT' })
    }
  })

  it('gets refusals with code, message and data', async () => {
    kernel.answers.set(operationAt('/tasks/{id}/approve'), () => {
      throw new OperationError('CONFLICT', 'Not now.', { status: 'todo' })
    })
    await expect(connected().task.approve({ id: 't_0000000a' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'Not now.',
      data: { status: 'todo' },
    })
  })

  it('streams until it leaves', async () => {
    const stream = await connected().event.watch({ since: 0 })
    kernel.append(1, 2)
    const seen: unknown[] = []
    for await (const event of stream) {
      seen.push(event)
      if (seen.length === 2) break
    }
    expect(seen).toEqual([makeEvent(1), makeEvent(2)])
    await until(() => kernel.openStreams === 0)
  })

  it('streams until its signal aborts', async () => {
    const leaving = new AbortController()
    const stream = await connected().event.watch({}, { signal: leaving.signal })
    await until(() => kernel.openStreams === 1)
    leaving.abort()
    // Over a port the reader gets an error, here the end; either way it stops reading.
    const read = (async () => {
      for await (const event of stream) throw new Error(`read ${event.kind}`)
    })()
    await read.catch((error: unknown) => {
      expect((error as Error).message).not.toMatch(/^read/)
    })
    await until(() => kernel.openStreams === 0)
  })

  it('is refused a stream of an unknown board at once', async () => {
    await expect(connected().event.watch({ board: 'missing' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

it('gets a defect as INTERNAL over a port, and its cause is reported here', async () => {
  const cause = new TypeError('x is not a function')
  kernel.answers.set(operationAt('/tasks/{id}/approve'), () => {
    throw cause
  })
  const refused = client.task.approve({ id: 't_0000000a' })
  await expect(refused).rejects.toBeInstanceOf(ORPCError)
  await expect(refused).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(reports).toEqual([[expect.any(String), cause]])
})

it('ends the streams of a page that has gone, and serves the next page', async () => {
  for (let loads = 0; loads < 5; loads++) {
    await client.event.watch({})
    await until(() => kernel.openStreams === 1)
    if (loads % 2 === 0) page.close()
    else served.close()
    await until(() => kernel.openStreams === 0)
    load()
  }
  await client.task.list({})
  expect(kernel.calls.at(-1)?.caller).toEqual(caller)
})

it.each([
  ['not text', { i: 1, p: { u: '/task/list' } }],
  ['not JSON', 'hello'],
  ['JSON of another form', '[1]'],
  ['a request for nothing', '{"i":"1"}'],
  ['a request elsewhere', '{"i":"1","p":{"u":"http://evil.example/"}}'],
  ['binary', new Uint8Array([1, 2, 3])],
])('drops a message that is %s, and continues', async (_what, junk) => {
  page.postMessage(junk)
  await client.task.list({})
  expect(kernel.calls).toHaveLength(1)
  expect(reports).toEqual([[expect.stringContaining('Dropped')]])
})

it('gives items one by one to a slow reader, and none twice', async () => {
  const count = 1_000
  kernel.append(...Array.from({ length: count }, (_, index) => index + 1))
  let last = 0
  for await (const event of await client.event.watch({ since: 0 })) {
    expect(event.id).toBe(last + 1)
    last = event.id
    if (last === count) break
  }
})
