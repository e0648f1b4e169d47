import { type CallOptions, type Client, operationList } from '../../contract/index.ts'
import type { Caller, Kernel } from '../../kernel/index.ts'
import { follow } from '../shared/follow.ts'

type Call = (input: unknown, options?: CallOptions) => Promise<unknown>

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause))
}

/**
 * The contract's client for code that runs beside the kernel, such as the desktop shell: no port, no copies. Refusals
 * are the kernel's own OperationErrors.
 *
 * @param caller every call is made in its name
 */
export function localClient(kernel: Kernel, caller: Caller): Client {
  const client: Record<string, Record<string, Call>> = {}
  for (const [name, spec] of operationList) {
    const [group = name, verb = ''] = name.split('.')
    const calls = (client[group] ??= {})
    calls[verb] =
      spec.kind === 'stream'
        ? (input, options) => {
            const open = (signal: AbortSignal) => kernel.streamByName(name, input, caller, signal)
            return follow({ open, until: [options?.signal as AbortSignal | undefined], fail: asError })
          }
        : (input) => kernel.callByName(name, input, caller)
  }
  return client as unknown as Client
}
