import type { Message } from '../../../contract/index.ts'
import type { Printer } from './printer.ts'
import { table } from './table.ts'
import { relative } from './time.ts'

/** What became of a message, in words. */
function fateOf({ state, delivered_how }: Message): string {
  if (state === 'delivered') return `delivered ${delivered_how ?? ''}`
  return state === 'queued' ? 'queued' : 'for the next attempt'
}

export function printMessage({ message }: { message: Message }): string {
  return `Message ${message.id} to ${message.task_id}: ${fateOf(message)}\n`
}

export function printMessages({ messages }: { messages: Message[] }, { paint, width, now }: Printer): string {
  if (messages.length === 0) return 'No messages.\n'
  return table(
    messages,
    [
      { header: 'ID', text: ({ id }) => String(id), right: true },
      { header: 'TOLD', text: ({ told_at }) => relative(told_at, now), right: true },
      { header: 'BY', text: ({ told_by }) => told_by },
      { header: 'MESSAGE', text: ({ body }) => body, least: 20 },
      { header: 'STATE', text: fateOf, least: 12 },
    ],
    width,
    paint.dim,
  )
}
