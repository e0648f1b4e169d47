import { setTimeout as delay } from 'node:timers/promises'
import { OperationError, type OperationInput } from '../../contract/index.ts'
import type { Caller, Kernel } from '../../kernel/index.ts'
import { type Json, object } from '../../formats/json.ts'
import type { BoardLink, FormAnswer, Message, Verdict, Wanted } from './board-link.ts'

/** The contract's type for JSON values. All input comes from parsed JSON, so the casts to it are safe. */
type JsonValues = NonNullable<OperationInput<'question.permission'>['input']>

interface LinkOptions {
  kernel: Kernel
  /** The worker of the run. */
  caller: Caller
  /** Reports an error that no answer can carry. */
  report: (message: string, cause: unknown) => void
}

/** @throws OperationError INVALID_INPUT unless the caller is a worker */
export function kernelLink({ kernel, caller, report }: LinkOptions): BoardLink {
  const { worker } = caller
  if (worker === undefined) {
    const sentence = 'Runboard starts acp for a run; acp needs the RUNBOARD_ variables of that run.'
    throw new OperationError('INVALID_INPUT', sentence)
  }
  return {
    isOpen: async () => {
      const { run } = await kernel.call('run.show', { id: worker.run_id }, caller)
      return run.ended_at === null
    },
    heartbeat: async () => {
      try {
        await kernel.call('task.heartbeat', { id: worker.task_id }, caller)
      } catch (error) {
        // The run is over, or the board is busy: the end of the turn shows which.
        report('heartbeat', error)
      }
    },
    mayUse: (wanted, signal) => mayUse(kernel, withSignal(caller, signal), worker.task_id, wanted),
    fillIn: (title, form, signal) =>
      fillIn(kernel, withSignal(caller, signal), worker.task_id, { title, form }),
    messages: (signal) => messagesTo(kernel, caller, worker.task_id, signal),
    delivered: async ({ id: message_id }, how, signal) => {
      const deliver = () => kernel.call('message.deliver', { id: worker.task_id, message_id, how }, caller)
      try {
        await untilDone({ signal }, deliver).catch((error: unknown) => {
          if (signal.aborted) return deliver()
          throw error
        })
      } catch (error) {
        // The run is over: the agent has it all the same.
        report('message.deliver', error)
      }
    },
  }
}

/** When the signal is aborted, the kernel withdraws the question. */
function withSignal(caller: Caller, signal: AbortSignal): Caller {
  return { ...caller, signal }
}

/** How long a request waits before it is made again after BUSY, in milliseconds. */
const BUSY_MS = 500

async function mayUse(kernel: Kernel, caller: Caller, id: string, wanted: Wanted): Promise<Verdict> {
  try {
    const call = { id, tool_name: wanted.tool_name, input: wanted.input as JsonValues }
    const answer = await untilDone(caller, () => kernel.call('question.permission', call, caller))
    if (caller.signal?.aborted === true) return { kind: 'withdrawn', why: WITHDRAWN }
    return answer.behavior === 'allow'
      ? { kind: 'allowed', why: '' }
      : { kind: 'refused', why: answer.message }
  } catch (error) {
    if (caller.signal?.aborted === true) return { kind: 'withdrawn', why: WITHDRAWN }
    return { kind: 'refused', why: refusal(error, caller) }
  }
}

/** A board that is busy has refused nothing, so the request is made again, until the signal is aborted. */
async function untilDone<T>({ signal }: Pick<Caller, 'signal'>, request: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await request()
    } catch (error) {
      // With a question it has been asked, and this process has closed the board: it is about to end.
      const isBusy = error instanceof OperationError && error.code === 'BUSY'
      if (!isBusy || object(error.data)['question_id'] !== undefined) throw error
      await delay(BUSY_MS, undefined, { signal })
    }
  }
}

const WITHDRAWN = 'the agent withdrew its request'

async function fillIn(
  kernel: Kernel,
  caller: Caller,
  id: string,
  { title, form }: { title: string; form: Json },
): Promise<FormAnswer> {
  try {
    const call = { id, kind: 'form', title, form: form as JsonValues } as const
    const { question } = await untilDone(caller, () => kernel.call('question.ask', call, caller))
    const filled = question.answer?.form ?? null
    if (filled !== null) return { kind: 'answered', form: filled }
    return { kind: 'withdrawn', why: question.withdrawn_why ?? WITHDRAWN }
  } catch (error) {
    return { kind: 'withdrawn', why: refusal(error, caller) }
  }
}

/** A question that cannot be asked must not fail the run: the agent gets the reason, and can continue without it. */
function refusal(error: unknown, { signal }: Caller): string {
  if (signal?.aborted === true) return WITHDRAWN
  if (error instanceof OperationError) return error.message
  throw error
}

/** Messages that this run has not taken, by the event log of the board: no connection to the teller is needed. */
async function* messagesTo(
  kernel: Kernel,
  caller: Caller,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  // Read before the list, so that no message falls between the two.
  const { cursor } = await kernel.call('event.list', { since: Number.MAX_SAFE_INTEGER, limit: 1 }, caller)
  const input = { task_id: id, kinds: ['message_told'], since: cursor }
  const told = kernel.stream('event.watch', input, caller, signal)
  let last = 0
  for (let next: unknown = null, events = told[Symbol.asyncIterator](); ; next = await events.next()) {
    if ((next as IteratorResult<unknown> | null)?.done === true) return
    for (;;) {
      const { messages } = await kernel.call('message.list', { id, since: last, queued: true }, caller)
      if (messages.length === 0) break
      for (const { id: message, body, interrupt } of messages) {
        last = message
        yield { id: message, text: body, now: interrupt }
      }
    }
  }
}
