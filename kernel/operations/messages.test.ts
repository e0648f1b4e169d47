import { describe, expect, it } from 'vitest'
import { setup } from '../testing/setup.ts'

describe('a message to a worker', () => {
  it('is queued for the open run until that run has taken it', async () => {
    const { call, claim, create, kinds } = await setup()
    const { id } = await create()
    const { run, worker } = await claim(id)
    const told = await call('message.tell', { id, body: 'Use the old brass' })
    expect(told).toMatchObject({ message: { run_id: run.id, told_by: 'ada', state: 'queued' } })
    expect(told.warnings).toEqual([expect.stringContaining('takes no messages while it runs')])

    const how = 'during the turn'
    await call('message.deliver', { id, message_id: told.message.id, how }, worker)
    const { messages } = await call('message.list', { id }, worker)
    expect(messages).toMatchObject([{ state: 'delivered', delivered_how: how }])
    expect((await call('message.list', { id, queued: true })).messages).toEqual([])
    expect((await kinds(id)).slice(-2)).toEqual(['message_told', 'message_delivered'])
  })

  it('is in the context of the next attempt if its run did not take it', async () => {
    const { call, claim, create } = await setup()
    const { id } = await create()
    const { worker } = await claim(id)
    const { message } = await call('message.tell', { id, body: 'Never mind the tests' })
    await call('message.tell', { id, body: 'This one arrives' }).then(({ message: { id: message_id } }) =>
      call('message.deliver', { id, message_id, how: 'during the turn' }, worker),
    )
    expect((await call('task.context', { id })).context).not.toContain('Never mind the tests')
    await call('task.stop', { id })
    expect((await call('message.list', { id })).messages[0]).toMatchObject({
      id: message.id,
      state: 'next_attempt',
    })
    await call('task.release', { id })
    await claim(id)

    const { context } = await call('task.context', { id })
    expect(context).toContain('## Messages that no attempt has read yet')
    expect(context).toContain('Never mind the tests')
    const [earlier, unread] = context.split('## Messages that no attempt has read yet')
    expect(earlier).toContain('## Messages to earlier attempts')
    expect(earlier).toContain('This one arrives')
    expect(unread).not.toContain('This one arrives')
  })

  it('is delivered by the context of one attempt; the next one reads it as an earlier one', async () => {
    const { call, claim, create, events } = await setup()
    const { id } = await create()
    const { message } = await call('message.tell', { id, body: 'Use the old brass' })
    const state = async () => (await call('message.list', { id })).messages[0]
    const first = await claim(id)
    expect(await state()).toMatchObject({ state: 'next_attempt', run_id: null })
    for (const read of [1, 2]) {
      const { context } = await call('task.context', { id }, first.worker)
      expect({ read, has: context.includes('Use the old brass') }).toEqual({ read, has: true })
    }
    const delivered = { state: 'delivered', run_id: first.run.id, delivered_how: 'in its context' }
    expect(await state()).toMatchObject(delivered)
    const told = (await events(id)).filter(({ kind }) => kind === 'message_delivered')
    expect(told).toMatchObject([
      { run_id: first.run.id, payload: { message_id: message.id, how: 'in its context' } },
    ])

    await call('task.block', { id, reason: 'Which?' }, first.worker)
    await call('message.tell', { id, body: 'The one in the cellar' })
    await call('task.unblock', { id })
    const second = await claim(id)
    const { context } = await call('task.context', { id }, second.worker)
    const [earlier, unread] = context.split('## Messages that no attempt has read yet')
    expect(earlier).toMatch(/read by attempt 1\):\s+> Use the old brass/)
    expect(unread).not.toContain('Use the old brass')
    expect(unread).toContain('The one in the cellar')
    expect(await state()).toMatchObject(delivered)
  })

  it('may be sent before there is a run', async () => {
    const { call, create } = await setup()
    const { id } = await create()
    const told = await call('message.tell', { id, body: 'Before you begin' })
    expect(told).toMatchObject({ message: { run_id: null, state: 'next_attempt' } })
    expect(told.warnings).toEqual([expect.stringContaining('No attempt is running')])
    expect((await call('task.context', { id })).context).toContain('Before you begin')
  })

  it('gives no warning about the next attempt when the worker is the bridge', async () => {
    const { call, claim, create } = await setup()
    await call('profile.add', { name: 'agent', command: ['agent'], driver: 'acp' })
    const { id } = await create({ assignee: 'agent' })
    await claim(id)
    expect((await call('message.tell', { id, body: 'Hello' })).warnings).toBeUndefined()
  })

  it('is refused for a task without a next attempt, and from workers', async () => {
    const { call, claim, create, refused } = await setup()
    const { id } = await create()
    const { worker } = await claim(id)
    await refused('UNAUTHORIZED', 'message.tell', { id, body: 'From a worker' }, worker)
    await call('task.complete', { id }, worker)
    const error = await refused('CONFLICT', 'message.tell', { id, body: 'Too late' })
    expect(error.message).toContain('Reopen it')
  })

  it('is delivered once, and by its own run only', async () => {
    const { call, claim, create, kinds, refused } = await setup()
    const { id } = await create()
    const { worker } = await claim(id)
    const { message } = await call('message.tell', { id, body: 'Once' })
    const input = { id, message_id: message.id, how: 'in a turn of its own' }
    const other = await claim((await create()).id)
    await refused('UNAUTHORIZED', 'message.deliver', input, other.worker)
    const { message: delivered } = await call('message.deliver', input, worker)
    expect(delivered).toMatchObject({ state: 'delivered' })
    // A worker that did not get the answer calls again, and nothing changes.
    const again = await call('message.deliver', { ...input, how: 'during the turn' }, worker)
    expect(again.message).toEqual(delivered)
    expect((await kinds(id)).filter((kind) => kind === 'message_delivered')).toHaveLength(1)
    await refused('NOT_FOUND', 'message.deliver', { ...input, message_id: 99 }, worker)

    const late = (await call('message.tell', { id, body: 'Late' })).message
    await call('task.stop', { id })
    const delivering = call('message.deliver', { ...input, message_id: late.id }, worker)
    await expect(delivering).rejects.toMatchObject({ code: 'STALE_RUN' })
    expect((await call('message.list', { id })).messages[1]).toMatchObject({ state: 'next_attempt' })
    await call('task.release', { id })
    const next = await claim(id)
    const error = await refused('CONFLICT', 'message.deliver', input, next.worker)
    expect(error.message).toContain('an earlier run has it')
  })

  it('can be one of a thousand: all are listed in order, and the context has the newest', async () => {
    const { kernel, person, claim, create, call } = await setup({ inMemory: true })
    const { id } = await create()
    await claim(id)
    for (let n = 1; n <= 1000; n++) await kernel.call('message.tell', { id, body: `Message ${n}.` }, person)
    const bodies: string[] = []
    for (let since = 0; ;) {
      const { messages } = await call('message.list', { id, since, queued: true, limit: 300 })
      if (messages.length === 0) break
      bodies.push(...messages.map(({ body }) => body))
      since = messages.at(-1)!.id
    }
    expect(bodies).toEqual(Array.from({ length: 1000 }, (_, n) => `Message ${n + 1}.`))
    await call('task.stop', { id })
    const { context } = await call('task.context', { id })
    expect(context).toContain('Message 1000.')
    expect(context).not.toContain('Message 970.')
    expect(context).toContain('earlier messages are not shown')
  })
})
