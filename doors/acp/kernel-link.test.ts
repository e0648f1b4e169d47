import { expect, it, vi } from 'vitest'
import { OperationError } from '../../contract/index.ts'
import type { Kernel } from '../../kernel/index.ts'
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
