import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Client, OperationError, operationList } from '../../contract/index.ts'
import { type RunningServer, startServer } from './server.ts'
import { makeEvent, TestKernel } from '../testing/test-kernel.ts'
import { until } from '../../kernel/testing/until.ts'

let kernel: TestKernel
let server: RunningServer
let client: Client

function clientWith(token: string): Client {
  const headers = { authorization: `Bearer ${token}` }
  return createORPCClient<Client & object>(new RPCLink({ url: `${server.url}/rpc`, headers }))
}

beforeEach(async () => {
  kernel = new TestKernel()
  server = await startServer(kernel, { pageFolder: null, env: { USER: 'ann' } })
  client = clientWith(server.token)
})

afterEach(() => server.close())

it('reaches every operation of the contract, as the person at the machine', async () => {
  for (const [name, spec] of operationList) {
    if (spec.kind === 'stream') continue
    const [group = '', verb = ''] = name.split('.')
    const call = (client as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>)[
      group
    ]![verb]!
    kernel.calls.length = 0
    // Required fields are missing on purpose: reaching the kernel's check is enough.
    await call({}).catch((error: unknown) => {
      expect([name, (error as ORPCError<string, unknown>).code]).toEqual([name, 'INVALID_INPUT'])
    })
    for (const { caller } of kernel.calls) expect(caller).toMatchObject({ actor: 'ann', trigger: 'human' })
  }
})

it('returns refusals with code, message and data', async () => {
  const [name] = operationList.find(([, spec]) => spec.http?.path === '/tasks/{id}/approve')!
  kernel.answers.set(name, () => {
    throw new OperationError('STALE_RUN', 'That run is over.', { run_id: 3 })
  })
  const refused = client.task.approve({ id: 't_0000000a' })
  await expect(refused).rejects.toMatchObject({
    code: 'STALE_RUN',
    message: 'That run is over.',
    data: { run_id: 3 },
  })
  await expect(refused).rejects.toBeInstanceOf(ORPCError)
})

it('streams until the page leaves', async () => {
  const stream = await client.event.watch({ since: 0 })
  kernel.append(1, 2)
  const seen: unknown[] = []
  for await (const event of stream) {
    seen.push(event)
    if (seen.length === 2) break
  }
  expect(seen).toEqual([makeEvent(1), makeEvent(2)])
  await until(() => kernel.openStreams === 0)
})

it('refuses a stream of an unknown board at once', async () => {
  await expect(client.event.watch({ board: 'missing' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

it('refuses a page without the token', async () => {
  await expect(clientWith('wrong').task.list({})).rejects.toMatchObject({ code: 'UNAUTHORIZED', status: 401 })
})
