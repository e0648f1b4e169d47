import type { Readable, Writable } from 'node:stream'
import { ReadableStream, WritableStream } from 'node:stream/web'
import type { AnyMessage, Stream } from '@agentclientprotocol/sdk'
import { type Json, object, parseObject } from '../../formats/json.ts'
import { BoundedLines, LINE_LIMIT_BYTES, tooLongAnswer } from '../shared/bounded-lines.ts'

export interface StreamOptions {
  /** What the agent writes. */
  output: Readable
  /** What the agent reads. */
  input: Writable
  /**
   * Called with each notification, in order of arrival and before any later answer. The SDK does not get them, because
   * it drops updates of unknown kinds.
   */
  onNotification: (method: string, params: Json) => void
  /** A line without a message. Agents and what they load print such lines. */
  onNoise: (line: string) => void
  /** Called with each message in either direction, as it is on the wire. For debugging. */
  onFrame?: ((direction: 'to' | 'from', line: string) => void) | undefined
}

const METHOD = /"method"\s*:/

/** @returns the message in a line; null for a line that is not a message */
function messageIn(line: string): AnyMessage | null {
  const parsed = parseObject(line.trim())
  if (parsed?.['jsonrpc'] !== '2.0') return null
  return 'method' in parsed || 'id' in parsed ? (parsed as AnyMessage) : null
}

/** @returns the method of a notification that we handle; null for messages that the SDK handles, as all `$/` methods */
function notificationIn(message: AnyMessage): string | null {
  if ('id' in message || !('method' in message) || message.method.startsWith('$/')) return null
  return message.method
}

/**
 * Messages as lines of JSON. The stream of the SDK answers a line without a message with an error, which no agent
 * expects on its standard input; here it is passed to `onNoise`.
 */
export function messageStream(options: StreamOptions): Stream {
  return { readable: readMessages(options), writable: writeMessages(options) }
}

function readMessages(options: StreamOptions): ReadableStream<AnyMessage> {
  const { output, input, onFrame, onNoise, onNotification } = options
  return new ReadableStream<AnyMessage>({
    start(controller) {
      const lines = new BoundedLines((id, start) => {
        onNoise(`[a message of more than ${LINE_LIMIT_BYTES / 1024 / 1024} MB was left out]`)
        if (id === 'null') return
        // The agent waits for an answer to its request, or we wait for its answer to ours. Either side gets an error.
        if (METHOD.test(start)) input.write(tooLongAnswer(id))
        else controller.enqueue(JSON.parse(tooLongAnswer(id)) as AnyMessage)
      })
      lines.on('data', (chunk: Buffer) => {
        const line = chunk.toString('utf8')
        if (line.trim() === '') return
        const message = messageIn(line)
        if (message === null) return onNoise(line.replace(/\r?\n$/, ''))
        onFrame?.('from', line.trim())
        const method = notificationIn(message)
        if (method === null) controller.enqueue(message)
        else onNotification(method, object('params' in message ? message.params : undefined))
      })
      lines.on('end', () => controller.close())
      output.on('error', () => lines.end())
      output.pipe(lines)
    },
  })
}

function writeMessages({ input, onFrame }: StreamOptions): WritableStream<AnyMessage> {
  return new WritableStream<AnyMessage>({
    write(message) {
      const line = JSON.stringify(message)
      onFrame?.('to', line)
      return new Promise<void>((resolve) => {
        // Resolves after a failed write too: the agent has exited, and `AgentProcess` reports that.
        input.write(`${line}\n`, () => resolve())
      })
    },
  })
}
