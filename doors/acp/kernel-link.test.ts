import { expect, it, vi } from 'vitest'
import { OperationError } from '../../contract/index.ts'
import type { Kernel } from '../../kernel/index.ts'
import { setup } from '../../kernel/testing/setup.ts'
import { kernelLink } from './kernel-link.ts'

const WANTED = { tool_name: 'Bash', input: { command: 'make' }, title: 'make' }
const CALLER = {
  actor: 'a',
  trigger: 'mcp' as const,
  worker: { task_id: 't_1', run_id: 1, claim: 'c', board: 'b', profile: 'p' },
}

function linked(answers: readonly (OperationError | object)[]) {
  const call = vi.fn<(name: string, input: object) => Promise<object>>()
  for (const answer of answers)
    if (answer instanceof OperationError) call.mockRejectedValueOnce(answer)
    else call.mockResolvedValueOnce(answer)
  const kernel = { call } as unknown as Kernel
  return { call, link: kernelLink({ kernel, caller: CALLER, report: () => undefined }) }
}

const busy = new OperationError('BUSY', 'The board is busy.')

it('asks again for a permission while the board is busy', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const { call, link } = linked([busy, busy, { behavior: 'allow', updatedInput: {} }])
  const verdict = link.mayUse(WANTED, new AbortController().signal)
  await vi.runAllTimersAsync()
  expect(await verdict).toEqual({ kind: 'allowed', why: '' })
  expect(call).toHaveBeenCalledTimes(3)
  vi.useRealTimers()
})

it('asks again for a form while the board is busy, until the agent withdraws it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const { call, link } = linked([busy, { question: { answer: { form: { brass: 'old' } } } }])
  const answer = link.fillIn('Which brass?', {}, new AbortController().signal)
  await vi.runAllTimersAsync()
  expect(await answer).toEqual({ kind: 'answered', form: { brass: 'old' } })
  expect(call).toHaveBeenCalledTimes(2)
  vi.useRealTimers()

  const withdrawn = new AbortController()
  const second = linked([busy])
  const none = second.link.fillIn('Which brass?', {}, withdrawn.signal)
  await vi.waitFor(() => expect(second.call).toHaveBeenCalled())
  withdrawn.abort()
  expect(await none).toMatchObject({ kind: 'withdrawn' })
})

it('stops asking a busy board when the agent withdraws its request', async () => {
  const withdrawn = new AbortController()
  const { call, link } = linked([busy])
  const verdict = link.mayUse(WANTED, withdrawn.signal)
  await vi.waitFor(() => expect(call).toHaveBeenCalled())
  withdrawn.abort()
  expect(await verdict).toMatchObject({ kind: 'withdrawn' })
  expect(call).toHaveBeenCalledTimes(1)
})

it('records a delivery again while the board is busy, and for the last time when the bridge ends', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const message = { id: 7, text: 'Use the old brass', now: false }
  const { call, link } = linked([busy, busy, { message: {} }])
  const recorded = link.delivered(message, 'during the turn', new AbortController().signal)
  await vi.runAllTimersAsync()
  await recorded
  expect(call).toHaveBeenCalledTimes(3)
  expect(call).toHaveBeenLastCalledWith(
    'message.deliver',
    { id: 't_1', message_id: 7, how: 'during the turn' },
    CALLER,
  )
  vi.useRealTimers()

  const over = new AbortController()
  const second = linked([busy, { message: {} }])
  const last = second.link.delivered(message, 'during the turn', over.signal)
  await vi.waitFor(() => expect(second.call).toHaveBeenCalled())
  over.abort()
  await last
  expect(second.call).toHaveBeenCalledTimes(2)
})

it('records a delivery once when only the answer of the board was lost', async () => {
  const { kernel, call, claim, create, kinds } = await setup()
  const { id } = await create()
  const { worker } = await claim(id)
  const { message } = await call('message.tell', { id, body: 'Use the old brass' })
  let lost = 0
  const lossy = {
    ...kernel,
    call: async (...words: Parameters<Kernel['call']>) => {
      const answer: unknown = await kernel.call(...words)
      if (lost++ === 0) throw busy
      return answer
    },
  } as unknown as Kernel
  const report = vi.fn()
  const link = kernelLink({ kernel: lossy, caller: worker, report })
  await link.delivered(
    { id: message.id, text: '', now: false },
    'during the turn',
    new AbortController().signal,
  )

  expect(report).not.toHaveBeenCalled()
  expect((await kinds(id)).filter((kind) => kind === 'message_delivered')).toHaveLength(1)
  await call('task.stop', { id })
  await call('task.release', { id })
  await claim(id)
  const { context } = await call('task.context', { id })
  expect(context).not.toContain('no attempt has read yet')
})
