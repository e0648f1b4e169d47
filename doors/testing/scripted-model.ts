import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

type Json = Record<string, unknown>

/** What the model does next in a conversation. */
export type Move = (
  | {
      /** Matches the agent's name of a tool, which is called if it is offered. */
      tool: RegExp
      input: Json
    }
  | { say: string }
) & {
  /** A text that is in the conversation from then on. By it, the model knows which moves it has made. */
  mark: string
  /** Texts of the conversation without which it does not make this move. */
  when?: readonly string[]
}

/** Completes the task. */
export const REPORT: Move = {
  tool: /runboard\W?.*complete$/,
  input: { summary: 'It shines', metadata: { tests_run: ['mirror'] } },
  // Not the summary: the context of the profile's next task has it.
  mark: 'mirror',
}
/** What it says when it has made all its moves, or does not have the tool for the next one. */
const LAST_WORDS = 'All is done.'

export interface Model {
  url: string
  /** Everything that was sent to it since the last call of this. */
  heard: () => string
  /** @param moves what it does in each conversation from now on, in order */
  follow: (moves: readonly Move[]) => void
  /** @param status the status that it answers with from now on; null to answer normally */
  refuseWith: (status: number | null) => void
  /** Makes it stop after the first event of each answer. @returns a function that makes it finish these answers */
  hold: () => () => void
  stop: () => Promise<void>
}

/** One event of a stream: its name, if the protocol has names, and its data. */
type Event = [name: string | null, data: Json | string]

/**
 * A model that makes the moves that a test names, at first only the completion of the task, and then says that all is done. It
 * implements the protocols of four vendors as far as their agents need.
 */
export async function startModel(): Promise<Model> {
  let heard = ''
  let status: number | null = null
  let moves: readonly Move[] = [REPORT]
  let gate = Promise.resolve()
  const server = createServer((request, response) => {
    const heardAll = async (body: string) => {
      heard += body
      await answer(request, response, body, { status, gate, moves })
    }
    // An agent that is killed in the middle of its request gets no answer.
    void text(request).then(heardAll, () => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => {
      const all = heard
      heard = ''
      return all
    },
    follow: (next) => (moves = next),
    refuseWith: (next) => (status = next),
    hold: () => {
      let open = () => {}
      gate = new Promise((resolve) => (open = resolve))
      return open
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** @param gate resolves when it may continue after the first event of its answer */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  { status, gate, moves }: { status: number | null; gate: Promise<void>; moves: readonly Move[] },
): Promise<void> {
  const asked = body === '' ? {} : (JSON.parse(body) as Json)
  const speak = PROTOCOLS.find(({ path }) => path.test(request.url ?? ''))?.speak
  if (speak === undefined) response.writeHead(404).end('{}')
  else if (status !== null) {
    const error = { type: 'refused', code: status, status: 'REFUSED', message: 'No more for today' }
    // Clients that obey the header do not retry for minutes.
    response.writeHead(status, { 'content-type': 'application/json', 'x-should-retry': 'false' })
    response.end(JSON.stringify({ type: 'error', error }))
  } else {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const [index, [name, data]] of speak(asked, moves).entries()) {
      if (index > 0) await gate
      if (name !== null) response.write(`event: ${name}\n`)
      response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`)
    }
    response.end()
  }
}

/** @returns the answer to a request of an agent, as events */
type Speak = (asked: Json, moves: readonly Move[]) => Event[]

const PROTOCOLS: { path: RegExp; speak: Speak }[] = [
  { path: /\/v1\/messages(\?|$)/, speak: anthropicMessages },
  { path: /\/v1\/responses$/, speak: openaiResponses },
  { path: /\/v1\/chat\/completions$/, speak: openaiChat },
  { path: /:streamGenerateContent/, speak: geminiContent },
]

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : [])

interface Tool {
  name: string
  namespace?: string
  /** It takes a text, not an object. */
  isFree?: boolean
}

/** A call with its tool, or what the model says instead. */
type Next = { tool: Tool; input: Json; id: string } | { tool: null; text: string }

/**
 * @param offered the tools of the agent; those of our MCP server have its name somewhere before theirs
 * @param conversation what was said so far, in any form
 */
function nextMove(offered: readonly Tool[], conversation: unknown, moves: readonly Move[]): Next {
  const said = JSON.stringify(conversation ?? '')
  const move = moves.find(
    ({ mark, when = [] }) => !said.includes(mark) && when.every((words) => said.includes(words)),
  )
  if (move === undefined) return { tool: null, text: LAST_WORDS }
  if ('say' in move) return { tool: null, text: move.say }
  const id = `call_${++calls}`
  const tool = offered.find(({ name, namespace }) =>
    move.tool.test(namespace === undefined ? name : `${namespace}.${name}`),
  )
  if (tool !== undefined) return { tool, input: move.input, id }
  // Some agents name tools only in the conversation, and call them by one of their own.
  const caller = offered.find(({ name }) => name === 'tool_call')
  const named = said.match(/[\w-]+/g)?.find((word) => move.tool.test(word))
  return caller === undefined || named === undefined
    ? { tool: null, text: LAST_WORDS }
    : { tool: caller, input: { name: named, arguments: move.input }, id }
}

/** Agents drop a call whose id an earlier call of the conversation has. */
let calls = 0

const named = (names: readonly unknown[]): Tool[] =>
  names.filter((name) => typeof name === 'string').map((name) => ({ name }))

function anthropicMessages({ model, tools, messages }: Json, moves: readonly Move[]): Event[] {
  const next = nextMove(named(list(tools).map(({ name }) => name)), messages, moves)
  const usage = { input_tokens: 1000, output_tokens: 50, cache_read_input_tokens: 200 }
  const message = { id: 'msg', type: 'message', role: 'assistant', model, content: [], usage }
  const [block, delta] =
    next.tool === null
      ? [
          { type: 'text', text: '' },
          { type: 'text_delta', text: next.text },
        ]
      : [
          { type: 'tool_use', id: next.id, name: next.tool.name, input: {} },
          { type: 'input_json_delta', partial_json: JSON.stringify(next.input) },
        ]
  const end = { stop_reason: next.tool === null ? 'end_turn' : 'tool_use' }
  return [
    ['message_start', { type: 'message_start', message }],
    ['content_block_start', { type: 'content_block_start', index: 0, content_block: block }],
    ['content_block_delta', { type: 'content_block_delta', index: 0, delta }],
    ['content_block_stop', { type: 'content_block_stop', index: 0 }],
    ['message_delta', { type: 'message_delta', delta: end, usage: { output_tokens: 50 } }],
    ['message_stop', { type: 'message_stop' }],
  ]
}

function openaiResponses({ tools, input }: Json, moves: readonly Move[]): Event[] {
  // Tools of a server come one by one, or in their own namespace.
  const offered = list(tools).flatMap((tool): Tool[] => {
    if (tool['type'] !== 'namespace')
      return [{ name: String(tool['name']), isFree: tool['type'] === 'custom' }]
    const namespace = String(tool['name'])
    return list(tool['tools']).map(({ name }) => ({ namespace, name: String(name) }))
  })
  const usage = {
    input_tokens: 1000,
    input_tokens_details: { cached_tokens: 200 },
    output_tokens: 50,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 1050,
  }
  const item = responseItem(nextMove(offered, input, moves))
  return [
    ['response.created', { type: 'response.created', response: { id: 'r' } }],
    ['response.output_item.done', { type: 'response.output_item.done', item }],
    ['response.completed', { type: 'response.completed', response: { id: 'r', usage } }],
  ]
}

function responseItem(next: Next): Json {
  if (next.tool === null)
    return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: next.text }] }
  const { name, namespace, isFree } = next.tool
  const call = { call_id: next.id, name, ...(namespace !== undefined && { namespace }) }
  return isFree === true
    ? { type: 'custom_tool_call', ...call, input: next.input['input'] }
    : { type: 'function_call', ...call, arguments: JSON.stringify(next.input) }
}

function openaiChat({ model, tools, messages }: Json, moves: readonly Move[]): Event[] {
  const names = list(tools).map((tool) => (tool['function'] as Json | undefined)?.['name'])
  const next = nextMove(named(names), messages, moves)
  const chunk = (delta: Json, finish_reason: string | null): Event => [
    null,
    {
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1,
      model,
      choices: [{ index: 0, delta, finish_reason }],
      ...(finish_reason === null ? {} : { usage: { prompt_tokens: 1000, completion_tokens: 50 } }),
    },
  ]
  const said =
    next.tool === null
      ? { content: next.text }
      : {
          tool_calls: [
            {
              index: 0,
              id: next.id,
              type: 'function',
              function: { name: next.tool.name, arguments: JSON.stringify(next.input) },
            },
          ],
        }
  return [
    chunk({ role: 'assistant', content: '' }, null),
    chunk({ role: 'assistant', ...said }, null),
    chunk({}, next.tool === null ? 'stop' : 'tool_calls'),
    [null, '[DONE]'],
  ]
}

function geminiContent({ contents, tools }: Json, moves: readonly Move[]): Event[] {
  const names = list(tools).flatMap((tool) => list(tool['functionDeclarations']).map(({ name }) => name))
  const next = nextMove(named(names), contents, moves)
  const said = (part: Json) => ({ role: 'model', parts: [part] })
  const usageMetadata = { promptTokenCount: 1000, candidatesTokenCount: 50, totalTokenCount: 1050 }
  const part =
    next.tool === null
      ? { text: next.text }
      : { functionCall: { id: next.id, name: next.tool.name, args: next.input } }
  const last = { content: said(part), finishReason: 'STOP', index: 0 }
  return [
    [null, { candidates: [{ content: said({ text: '' }), index: 0 }] }],
    [null, { candidates: [last], usageMetadata }],
  ]
}
