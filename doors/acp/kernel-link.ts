import { OperationError } from '../../contract/index.ts'
import type { Caller, Kernel } from '../../kernel/index.ts'
import type { BoardLink, Message } from './board-link.ts'

interface LinkOptions {
  kernel: Kernel
  /** The worker of the run. */
  caller: Caller
  /** Reports what belongs to no answer. */
  report: (message: string, cause: unknown) => void
}

/** @throws OperationError INVALID_INPUT for a caller that is no worker */
export function kernelLink({ kernel, caller, report }: LinkOptions): BoardLink {
  const { worker } = caller
  if (worker === undefined) {
    const sentence = 'acp is started by Runboard for a run, and needs its RUNBOARD_ variables.'
    throw new OperationError('INVALID_INPUT', sentence)
  }
  return {
    isOpen: async () => {
      const { run } = await kernel.call('run.show', { id: worker.run_id }, caller)
      return run.ended_at === null
    },
    heartbeat: async (note) => {
      try {
        await kernel.call('task.heartbeat', { id: worker.task_id, note }, caller)
      } catch (error) {
        // The run is over, or the board is busy: the end of the turn shows which.
        report('heartbeat', error)
      }
    },
    noteSession: () => Promise.resolve(),
    mayUse: ({ tool_name }) =>
      Promise.resolve(
        tool_name.startsWith('mcp__runboard__')
          ? { kind: 'allowed', why: 'a tool of Runboard' }
          : { kind: 'refused', why: 'nobody can be asked' },
      ),
    fillIn: () => Promise.resolve({ kind: 'withdrawn', why: 'nobody can be asked' }),
    messages: noMessages,
    delivered: () => Promise.resolve(),
  }
}

async function* noMessages(): AsyncGenerator<Message> {
  // No message can be sent yet.
}
