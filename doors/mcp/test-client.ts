import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { run } from '../cli/run.ts'
import { Memory, runCli } from '../cli/test-run.ts'

export const CLI_PATH = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

/** The old way to begin a connection, and the new one. */
export const PROTOCOLS = ['legacy', { pin: '2026-07-28' }] as const
export type Protocol = (typeof PROTOCOLS)[number]

/** What a tool answered. */
export interface Told {
  isError: boolean
  answer: any // eslint-disable-line @typescript-eslint/no-explicit-any -- tests know what they look for
  text: string
}

/** A client with a server of its own. */
export interface Agent {
  client: Client
  /** Calls a tool that must succeed. */
  call(tool: string, given?: Record<string, unknown>): Promise<Told['answer']>
  /** Calls a tool that must be refused. @returns the error */
  refused(tool: string, given?: Record<string, unknown>): Promise<Told['answer']>
  tell(tool: string, given?: Record<string, unknown>): Promise<Told>
  stderr: () => string
  close(): Promise<void>
}

export type Variables = Record<string, string>

export interface AgentOptions {
  env: Variables
  args?: string[]
  cwd?: string
  protocol?: Protocol
}

function baseEnvironment(): Variables {
  return { PATH: process.env['PATH'] ?? '', USER: 'ada' }
}

function makeClient(protocol: Protocol = 'legacy'): Client {
  return new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: protocol } })
}

/** Starts `runboard mcp` as a process, and connects to it. */
export async function startProcess(options: AgentOptions): Promise<Agent> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CLI_PATH, 'mcp', ...(options.args ?? [])],
    env: { ...baseEnvironment(), ...options.env },
    cwd: options.cwd ?? tmpdir(),
    stderr: 'pipe',
  })
  let stderr = ''
  transport.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const client = makeClient(options.protocol)
  await client.connect(transport)
  return { ...toolCalls(client), client, stderr: () => stderr, close: () => client.close() }
}

/** Runs `runboard mcp` in this process, between two pipes, and connects to it. */
export async function startHere(options: AgentOptions): Promise<Agent> {
  const [toServer, toClient, stderr] = [new PassThrough(), new PassThrough(), new Memory()]
  const ended = run(['mcp', ...(options.args ?? [])], {
    env: { ...baseEnvironment(), ...options.env },
    stdin: toServer,
    stdout: toClient,
    stderr,
    cwd: options.cwd ?? tmpdir(),
  })
  const client = makeClient(options.protocol)
  // Both ends of a pipe use the same format, so the server's transport serves the client too.
  await client.connect(new StdioServerTransport(toClient, toServer))
  const close = async () => {
    await client.close()
    toServer.end()
    await ended
  }
  return { ...toolCalls(client), client, stderr: () => stderr.text, close }
}

function toolCalls(client: Client): Pick<Agent, 'call' | 'refused' | 'tell'> {
  const tell: Agent['tell'] = async (tool, given = {}) => {
    const told = await client.callTool({ name: tool, arguments: given })
    const [content] = told.content
    const text = content?.type === 'text' ? content.text : ''
    return { isError: told.isError === true, answer: told.structuredContent, text }
  }
  return {
    tell,
    call: async (tool, given) => {
      const told = await tell(tool, given)
      if (told.isError) throw new Error(`${tool} was refused: ${told.text}`)
      return told.answer
    },
    refused: async (tool, given) => {
      const told = await tell(tool, given)
      if (!told.isError) throw new Error(`${tool} was not refused: ${told.text}`)
      return told.answer.error
    },
  }
}

/** A home with one board, and a person who uses the command line in this process. */
export interface Desk {
  home: string
  /** Runs a verb that must succeed. @returns its answer */
  runboard(...argv: string[]): Promise<Told['answer']>
  create(title: string, ...flags: string[]): Promise<string>
  /** Claims a task. @returns the environment of its worker */
  claim(id: string, profile?: string): Promise<Variables>
  remove(): void
}

export async function openDesk(): Promise<Desk> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'runboard-mcp-')))
  const cli = { path: CLI_PATH, runtime: process.execPath, electron: false }
  const env = { ...baseEnvironment(), RUNBOARD_HOME: home, RUNBOARD_BOARD: 'test' }
  const runboard: Desk['runboard'] = async (...argv) => {
    const ran = await runCli(['--json', ...argv], { cwd: home, env, cli })
    if (ran.code !== 0) throw new Error(`runboard ${argv.join(' ')}: ${ran.stderr}`)
    return ran.json()
  }
  await runboard('boards', 'create', 'test', '--switch')
  return {
    home,
    runboard,
    create: async (title, ...flags) => (await runboard('create', title, ...flags)).task.id,
    claim: async (id, profile = 'coder') => {
      const { run, claim } = await runboard('claim', id, '--profile', profile)
      return {
        RUNBOARD_HOME: home,
        RUNBOARD_BOARD: 'test',
        RUNBOARD_TASK: id,
        RUNBOARD_RUN: String(run.id),
        RUNBOARD_CLAIM: claim,
        RUNBOARD_PROFILE: profile,
      }
    },
    remove: () => {
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
