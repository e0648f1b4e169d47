// An agent that speaks the Agent Client Protocol, called as `fake-agent.ts SCENARIO.json RECORD`. It does what the
// scenario says, and writes each message that it gets to RECORD. It uses no library for that, because some scenarios
// send invalid messages.
import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import type { Scenario, Step } from './scenario.ts'

type Json = Record<string, unknown>
type Answer = (message: Json) => void

const [scenarioPath = '', recordPath = ''] = process.argv.slice(2)
const scenario = JSON.parse(readFileSync(scenarioPath, 'utf8')) as Scenario
const SESSION = 'session-1'

let turn = 0
let server: { command: string; args: string[]; env: { name: string; value: string }[] } | undefined
let cancelTurn: () => void = () => undefined
let nextId = 1
const waiting = new Map<number, Answer>()

function record(what: unknown): void {
  appendFileSync(recordPath, `${JSON.stringify(what)}\n`)
}

function send(message: Json): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

function update(fields: Json): void {
  send({ method: 'session/update', params: { sessionId: SESSION, update: fields } })
}

async function untilExists(path: string): Promise<void> {
  while (!existsSync(path)) await delay(10)
}

function request(method: string, params: Json, withdrawnAt: string | undefined): Promise<void> {
  const id = nextId++
  send({ id, method, params: { sessionId: SESSION, ...params } })
  if (withdrawnAt !== undefined)
    void untilExists(withdrawnAt).then(() => send({ method: '$/cancel_request', params: { requestId: id } }))
  return new Promise((resolve) =>
    waiting.set(id, (answer) => {
      record({ answered: method, result: answer['result'], error: answer['error'] })
      resolve()
    }),
  )
}

async function callTool(name: string, input: Json): Promise<void> {
  const { command = '', args = [], env = [] } = server ?? {}
  const client = new Client({ name: 'fake-agent', version: '1' }, {})
  const variables = Object.fromEntries(env.map(({ name: key, value }) => [key, value]))
  await client.connect(
    new StdioClientTransport({ command, args, env: { PATH: process.env['PATH'] ?? '', ...variables } }),
  )
  record({ tool: name, result: await client.callTool({ name, arguments: input }) })
  await client.close()
}

/** @returns the answer to the prompt if the step ends the turn */
async function take(step: Step): Promise<Json | null> {
  if ('say' in step) chunk('agent_message_chunk', step.say)
  else if ('think' in step) chunk('agent_thought_chunk', step.think)
  else if ('update' in step) update(step.update)
  else if ('raw' in step) process.stdout.write(`${step.raw}\n`)
  else if ('stderr' in step) process.stderr.write(`${step.stderr}\n`)
  else if ('notify' in step) send({ method: step.notify, params: step.params })
  else if ('request' in step) await request(step.request, step.params, step.withdrawn_at)
  else if ('runboard' in step) {
    const { status, stderr } = spawnSync(process.env['RUNBOARD_BIN'] ?? 'runboard', step.runboard)
    record({ runboard: step.runboard, status, stderr: stderr.toString() })
  } else if ('tool' in step) await callTool(step.tool, step.input)
  else if ('await' in step) await untilExists(step.await)
  else if ('chatter' in step) chunk('agent_message_chunk', 'x'.repeat(step.chatter))
  else if ('hang' in step) await new Promise<void>(() => undefined)
  else if ('die' in step) {
    if (typeof step.die === 'number') process.exit(step.die)
    process.kill(process.pid, step.die)
    await new Promise<void>(() => undefined)
  } else if ('end' in step) return { result: { stopReason: step.end } }
  else if ('error' in step) return { error: step.error }
  return null
}

function chunk(sessionUpdate: string, text: string): void {
  update({ sessionUpdate, content: { type: 'text', text } })
}

async function prompt(): Promise<Json> {
  const steps = scenario.turns[turn++] ?? []
  const cancelled = new Promise<Json>((resolve) => {
    cancelTurn = () => {
      if (scenario.ignoresCancel !== true) resolve({ result: { stopReason: 'cancelled' } })
    }
  })
  const done = (async (): Promise<Json> => {
    for (const step of steps) {
      const end = await take(step)
      if (end !== null) return end
    }
    return { result: { stopReason: 'end_turn' } }
  })()
  return Promise.race([done, cancelled])
}

const refused = (message: string): Json => ({ error: { code: -32002, message } })

const METHODS: Readonly<Record<string, (params: Json) => Json | Promise<Json>>> = {
  initialize: () => ({
    result: {
      protocolVersion: 1,
      agentInfo: { name: scenario.name ?? 'fake-agent', version: '1.0.0' },
      agentCapabilities: scenario.capabilities ?? {},
    },
  }),
  'session/new': (params) => {
    server = (params['mcpServers'] as (typeof server)[])[0]
    return { result: { sessionId: SESSION, ...scenario.session } }
  },
  'session/resume': (params) => {
    server = (params['mcpServers'] as (typeof server)[])[0]
    return scenario.resume === 'accepts'
      ? { result: { ...scenario.session } }
      : refused('No conversation found')
  },
  'session/load': async (params) => {
    server = (params['mcpServers'] as (typeof server)[])[0]
    if (scenario.load !== 'accepts') return refused('No conversation found')
    for (const step of scenario.history ?? []) await take(step)
    return { result: { ...scenario.session } }
  },
  'session/set_mode': () => ({ result: {} }),
  'session/set_config_option': () => ({ result: { configOptions: [] } }),
  'session/close': () => ({ result: {} }),
  'session/prompt': prompt,
  '_session/steering': () => {
    if (scenario.steering === 'accepts') return { result: { outcome: 'injected' } }
    if (scenario.steering === 'promptRequired') return { result: { outcome: 'promptRequired' } }
    return { error: { code: -32601, message: 'Method not found' } }
  },
}

function receive(message: Json): void {
  record({ got: message['method'] ?? 'answer', ...message })
  const { id } = message
  const method = message['method'] as string | undefined
  if (method === undefined) {
    waiting.get(Number(id))?.(message)
    return
  }
  if (method === 'session/cancel') cancelTurn()
  const answer = METHODS[method]
  if (id === undefined || method === scenario.silent) return
  if (answer === undefined) {
    send({ id, error: { code: -32601, message: `Method not found: ${method}` } })
    return
  }
  void Promise.resolve(answer((message['params'] ?? {}) as Json)).then((fields) => send({ id, ...fields }))
}

record({ started: process.pid })
if (scenario.ignoresStop === true) {
  process.on('SIGTERM', () => undefined)
  setInterval(() => undefined, 1000)
  // A process that the agent has started keeps running too.
  spawn('sleep', ['300'], { stdio: 'ignore' })
}
const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => receive(JSON.parse(line) as Json))
lines.on('close', () => {
  if (scenario.ignoresStop !== true) process.exit(0)
})
