import type { Readable, Writable } from 'node:stream'
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { OperationError } from '../../contract/index.ts'
import type { Caller, Kernel } from '../../kernel/index.ts'
import { instructionsFor } from './instructions.ts'
import { registerResources } from './resources.ts'
import { registerTools, type Served } from './tools.ts'
import { DrainingTransport } from './transport.ts'

export interface McpOptions {
  caller: Caller
  stdin: Readable
  /** Carries the protocol and nothing else. */
  stdout: Writable
  version: string
  /** Ends the server, as the end of standard input does. */
  signal: AbortSignal
  now: () => number
  report: (message: string, cause?: unknown) => void
}

/** A person may plan; a worker only if its profile says so. */
async function mayPlan(kernel: Kernel, caller: Caller): Promise<boolean> {
  if (caller.worker === undefined) return true
  const { profile: name } = caller.worker
  if (name === null || name === '') return false
  try {
    const { profile } = await kernel.call('profile.show', { name }, caller)
    return profile.capabilities.includes('planner')
  } catch (error) {
    // The profile may have been removed since its worker started; the kernel then refuses planners' operations.
    if (error instanceof OperationError) return false
    throw error
  }
}

/** The server of one connection; its tools are fixed when the connection begins. */
async function makeServer(kernel: Kernel, options: McpOptions): Promise<McpServer> {
  const { caller, version, now, report } = options
  const server = new McpServer(
    { name: 'runboard', title: 'Runboard', version },
    {
      capabilities: { tools: { listChanged: false }, resources: { listChanged: false } },
      instructions: instructionsFor(caller),
    },
  )
  const served: Served = { kernel, caller, planner: await mayPlan(kernel, caller), now, report }
  registerTools(server, served)
  registerResources(server, served)
  return server
}

/**
 * Serves the board over MCP on standard input and output, for clients of the old and the new protocol versions, until
 * the client closes standard input or the signal is aborted.
 */
export async function serveMcp(kernel: Kernel, options: McpOptions): Promise<void> {
  const transport = new DrainingTransport(options.stdin, options.stdout)
  const handle = serveStdio(() => makeServer(kernel, options), {
    transport,
    onerror: (error) => {
      options.report('MCP', error)
    },
  })
  const stop = () => void handle.close()
  options.signal.addEventListener('abort', stop, { once: true })
  if (options.signal.aborted) stop()
  await transport.closed
  options.signal.removeEventListener('abort', stop)
}
