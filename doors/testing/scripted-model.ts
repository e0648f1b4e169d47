import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** The arguments of the model's call if the tool is offered, and its final text. */
const REPORT = { summary: 'It shines', metadata: { tests_run: ['mirror'] } }
const LAST_WORDS = 'All is done.'

export interface Model {
  url: string
  /** Everything that was sent to it since the last call of this. */
  heard: () => string
  /** @param status the status that it answers with from now on; null to answer normally */
  refuseWith: (status: number | null) => void
  /** Makes it stop after the first event of each answer. @returns a function that makes it finish these answers */
  hold: () => () => void
  stop: () => Promise<void>
}

type Json = Record<string, unknown>
/** One event of a stream: its name, if the protocol has names, and its data. */
type Event = [name: string | null, data: Json | string]

/**
 * A model that calls the tool that completes a task, if it has that tool, and then says that all is done. It implements
 * the protocols of four vendors as far as their agents need.
 */
export async function startModel(): Promise<Model> {
  let heard = ''
  let status: number | null = null
  let gate = Promise.resolve()
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      heard += body
      await answer(request, response, body, { status, gate })
    })
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
  { status, gate }: { status: number | null; gate: Promise<void> },
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
    for (const [index, [name, data]] of speak(asked).entries()) {
      if (index > 0) await gate
      if (name !== null) response.write(`event: ${name}\n`)
      response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`)
    }
    response.end()
  }
}

const PROTOCOLS: { path: RegExp; speak: (asked: Json) => Event[] }[] = [
  { path: /\/v1\/messages(\?|$)/, speak: anthropicMessages },
  { path: /\/v1\/responses$/, speak: openaiResponses },
  { path: /\/v1\/chat\/completions$/, speak: openaiChat },
  { path: /:streamGenerateContent/, speak: geminiContent },
]

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : [])

/** The agent's name for `complete`, unless the conversation already has its result. */
function reportTool(names: readonly unknown[], conversation: unknown, answered: string): string | null {
  if (JSON.stringify(conversation ?? '').includes(answered)) return null
  const found = names.find((name) => typeof name === 'string' && /runboard\W?.*complete$/.test(name))
  return typeof found === 'string' ? found : null
}

function anthropicMessages({ model, tools, messages }: Json): Event[] {
  const names = list(tools).map(({ name }) => name)
  const tool = reportTool(names, messages, '"tool_result"')
  const usage = { input_tokens: 1000, output_tokens: 50, cache_read_input_tokens: 200 }
  const message = { id: 'msg', type: 'message', role: 'assistant', model, content: [], usage }
  const [block, delta] =
    tool === null
      ? [
          { type: 'text', text: '' },
          { type: 'text_delta', text: LAST_WORDS },
        ]
      : [
          { type: 'tool_use', id: 'call', name: tool, input: {} },
          { type: 'input_json_delta', partial_json: JSON.stringify(REPORT) },
        ]
  const end = { stop_reason: tool === null ? 'end_turn' : 'tool_use' }
  return [
    ['message_start', { type: 'message_start', message }],
    ['content_block_start', { type: 'content_block_start', index: 0, content_block: block }],
    ['content_block_delta', { type: 'content_block_delta', index: 0, delta }],
    ['content_block_stop', { type: 'content_block_stop', index: 0 }],
    ['message_delta', { type: 'message_delta', delta: end, usage: { output_tokens: 50 } }],
    ['message_stop', { type: 'message_stop' }],
  ]
}

function openaiResponses({ tools, input }: Json): Event[] {
  // Tools of a server come one by one, or in their own namespace.
  const offered = list(tools).flatMap((tool): { namespace: string | null; name: unknown }[] =>
    tool['type'] === 'namespace'
      ? list(tool['tools']).map(({ name }) => ({ namespace: String(tool['name']), name }))
      : [{ namespace: null, name: tool['name'] }],
  )
  const full = offered.map(({ namespace, name }) => `${namespace ?? ''}.${String(name)}`)
  const tool = offered[full.indexOf(reportTool(full, input, '"function_call_output"') ?? '')]
  const call = {
    type: 'function_call',
    call_id: 'call',
    name: tool?.name,
    ...(tool?.namespace == null ? {} : { namespace: tool.namespace }),
    arguments: JSON.stringify(REPORT),
  }
  const content = [{ type: 'output_text', text: LAST_WORDS }]
  const item = tool === undefined ? { type: 'message', role: 'assistant', content } : call
  const usage = {
    input_tokens: 1000,
    input_tokens_details: { cached_tokens: 200 },
    output_tokens: 50,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 1050,
  }
  return [
    ['response.created', { type: 'response.created', response: { id: 'r' } }],
    ['response.output_item.done', { type: 'response.output_item.done', item }],
    ['response.completed', { type: 'response.completed', response: { id: 'r', usage } }],
  ]
}

function openaiChat({ model, tools, messages }: Json): Event[] {
  const names = list(tools).map((tool) => (tool['function'] as Json | undefined)?.['name'])
  const tool = reportTool(names, messages, '"role":"tool"')
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
  const call = { name: tool, arguments: JSON.stringify(REPORT) }
  const said =
    tool === null
      ? { role: 'assistant', content: LAST_WORDS }
      : { role: 'assistant', tool_calls: [{ index: 0, id: 'call', type: 'function', function: call }] }
  return [
    chunk({ role: 'assistant', content: '' }, null),
    chunk(said, null),
    chunk({}, tool === null ? 'stop' : 'tool_calls'),
    [null, '[DONE]'],
  ]
}

function geminiContent(): Event[] {
  const said = (text: string) => ({ role: 'model', parts: [{ text }] })
  const usageMetadata = { promptTokenCount: 1000, candidatesTokenCount: 50, totalTokenCount: 1050 }
  const last = { content: said(LAST_WORDS), finishReason: 'STOP', index: 0 }
  return [
    [null, { candidates: [{ content: said(''), index: 0 }] }],
    [null, { candidates: [last], usageMetadata }],
  ]
}
