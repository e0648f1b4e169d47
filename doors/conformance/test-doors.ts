import { PassThrough } from 'node:stream'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { Client as McpClient } from '@modelcontextprotocol/client'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import {
  type Client,
  type ErrorCode,
  HTTP_STATUS,
  OperationError,
  type OperationName,
  operations,
  type OperationSpec,
} from '../../contract/index.ts'
import { callerFromEnvironment, type Kernel } from '../../kernel/index.ts'
import { runCli } from '../cli/test-run.ts'
import { startServer } from '../http/server.ts'
import { ask } from '../http/test-requests.ts'
import { type PortHere, serveKernelOverPort } from '../ipc/index.ts'
import { serveMcp } from '../mcp/serve.ts'
import { argvFor } from './test-argv.ts'

export const DOOR_NAMES = ['kernel', 'ipc', 'http', 'cli', 'mcp'] as const
export type DoorName = (typeof DOOR_NAMES)[number]

/** The doors that the contract declares for an operation. For several ids, the command line uses the verb itself. */
export function declaredDoors(name: OperationName): DoorName[] {
  const { http, cli, mcp }: OperationSpec = operations[name]
  const isBulk = http?.path === '/tasks/bulk'
  const declared = { kernel: true, ipc: true, http, cli: isBulk ? true : cli, mcp }
  return DOOR_NAMES.filter((door) => declared[door] !== undefined)
}

export interface Refused {
  code: ErrorCode
  message: string
  data?: Record<string, unknown>
}

/** The result of a call, in the same form for every door. */
export interface Outcome {
  answer?: any // eslint-disable-line @typescript-eslint/no-explicit-any -- tests know what they look for
  error?: Refused
}

export type Input = Record<string, unknown>

/** One way to call operations, for the caller that the environment names. */
export interface Door {
  name: DoorName
  /** Whether this call can be made through the door at all. */
  reaches(name: OperationName, input?: Input): boolean
  call(name: OperationName, input: Input): Promise<Outcome>
  close(): Promise<void>
}

/** RUNBOARD_* variables make the caller a worker; without them it is the person `ada`. */
export type CallerEnvironment = Record<string, string | undefined>

type Make = (kernel: Kernel, env: CallerEnvironment) => Door | Promise<Door>

function specOf(name: OperationName): OperationSpec {
  return operations[name]
}

function refusal({ code, message, data }: Refused): Outcome {
  return { error: data === undefined ? { code, message } : { code, message, data } }
}

const reachesAll = (name: OperationName) => specOf(name).kind !== 'stream'

const kernelDoor: Make = (kernel, env) => ({
  name: 'kernel',
  reaches: reachesAll,
  call: async (name, input) => {
    try {
      return { answer: await kernel.callByName(name, input, callerFromEnvironment(env, 'human')) }
    } catch (error) {
      if (!(error instanceof OperationError)) throw error
      return refusal(error.toBody().error)
    }
  },
  close: () => Promise.resolve(),
})

/** Electron's end of a port delivers `{ data }`, Node's end the data itself. */
export function asElectronPort(port: MessagePort): PortHere {
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

type Groups = Record<string, Record<string, (input: Input) => Promise<unknown>>>

const ipcDoor: Make = (kernel, env) => {
  const { port1, port2 } = new MessageChannel()
  const served = serveKernelOverPort(kernel, asElectronPort(port1), callerFromEnvironment(env, 'human'))
  const client = createORPCClient<Client & object>(new RPCLink({ port: port2 })) as unknown as Groups
  port2.start()
  return {
    name: 'ipc',
    reaches: reachesAll,
    call: async (name, input) => {
      const [group = '', verb = ''] = name.split('.')
      try {
        return { answer: await client[group]![verb]!(input) }
      } catch (error) {
        if (!(error instanceof ORPCError)) throw error
        return refusal({ code: error.code, message: error.message, data: error.data as never })
      }
    },
    close: async () => {
      served.close()
      port2.close()
    },
  }
}

function asQuery(fields: Input): string {
  const params = new URLSearchParams()
  for (const [field, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) params.append(field, String(one))
  }
  return params.size === 0 ? '' : `?${params.toString()}`
}

const httpDoor: Make = async (kernel, env) => {
  const server = await startServer(kernel, { env, pageFolder: null })
  return {
    name: 'http',
    reaches: (name) => specOf(name).http !== undefined && reachesAll(name),
    call: async (name, given) => {
      const { method, path } = specOf(name).http!
      const { board, ...input } = given
      const filled = path.replace(/\{(\w+)\}/g, (_whole, field: string) => {
        const value = String(input[field])
        delete input[field] // eslint-disable-line @typescript-eslint/no-dynamic-delete -- the path has it
        return encodeURIComponent(value)
      })
      const query = { ...(board === undefined ? {} : { board }), ...(method === 'GET' ? input : {}) }
      const raw = method === 'GET' ? '' : JSON.stringify(input)
      // Node does not set the length of a DELETE body by itself.
      const sent = await ask(server, {
        method,
        path: `/api${filled}${asQuery(query)}`,
        ...(raw === '' ? {} : { raw, headers: { 'content-length': String(Buffer.byteLength(raw)) } }),
      })
      const answer = sent.json()
      if (sent.status === 200) return { answer }
      const { error } = answer as { error: Refused }
      if (HTTP_STATUS[error.code] !== sent.status) throw new Error(`${error.code} came as ${sent.status}`)
      return { error }
    },
    close: () => server.close(),
  }
}

const cliDoor: Make = (kernel, env) => ({
  name: 'cli',
  reaches: (name, input = {}) => reachesAll(name) && argvFor(specOf(name), input) !== null,
  call: async (name, input) => {
    const argv = argvFor(specOf(name), input)
    if (argv === null) throw new Error(`${name} cannot be typed with ${JSON.stringify(input)}`)
    const ran = await runCli(['--json', ...argv], { kernel, cwd: '/', env })
    if (ran.code === 0) return { answer: ran.json() }
    // A verb with several ids does those that it can and reports each; its exit code shows that some were refused.
    if (ran.stdout !== '' && ran.stderr === '') return { answer: ran.json() }
    const error = ran.error() as Refused
    const exit = error.code === 'INVALID_INPUT' ? 2 : 1
    if (ran.code !== exit || ran.stdout !== '') throw new Error(`${error.code} came as exit ${ran.code}`)
    return { error }
  },
  close: () => Promise.resolve(),
})

const mcpDoor: Make = async (kernel, env) => {
  const [toServer, toClient, ending] = [new PassThrough(), new PassThrough(), new AbortController()]
  const served = serveMcp(kernel, {
    caller: callerFromEnvironment(env, 'mcp'),
    stdin: toServer,
    stdout: toClient,
    version: '1',
    signal: ending.signal,
    now: Date.now,
    report: (message, cause) => {
      throw new Error(message, { cause })
    },
  })
  const client = new McpClient({ name: 'conformance', version: '1' })
  await client.connect(new StdioServerTransport(toClient, toServer))
  const offered = new Set((await client.listTools()).tools.map((tool) => tool.name))
  return {
    name: 'mcp',
    reaches: (name) => offered.has(specOf(name).mcp?.tool ?? ''),
    call: async (name, input) => {
      const told = await client.callTool({ name: specOf(name).mcp!.tool, arguments: input })
      const { structuredContent, isError, content } = told
      const [first] = content
      const text = first?.type === 'text' ? (JSON.parse(first.text) as unknown) : undefined
      if (JSON.stringify(text) !== JSON.stringify(structuredContent))
        throw new Error('text and structure differ')
      const answer = structuredContent as Outcome['answer']
      return isError === true ? { error: answer.error } : { answer }
    },
    close: async () => {
      await client.close()
      ending.abort()
      await served
    },
  }
}

const MAKERS: Record<DoorName, Make> = {
  kernel: kernelDoor,
  ipc: ipcDoor,
  http: httpDoor,
  cli: cliDoor,
  mcp: mcpDoor,
}

/** @returns the door, opened for the caller that the environment names */
export async function openDoor(name: DoorName, kernel: Kernel, env: CallerEnvironment): Promise<Door> {
  return MAKERS[name](kernel, env)
}

/** The `trigger` that runs record for callers through each door. */
export const TRIGGERS: Record<DoorName, string> = {
  kernel: 'human',
  ipc: 'human',
  http: 'api',
  cli: 'cli',
  mcp: 'mcp',
}
