import { z } from 'zod'
import { at, maybeAt, maybeText } from './columns.ts'

/**
 * `queued`: its run is open and has not taken it yet; `delivered`: the run has it, which does not mean that it obeys;
 * `next_attempt`: its run is over, or there was none, and the context of the next attempt has it.
 */
export const MESSAGE_STATES = ['queued', 'delivered', 'next_attempt'] as const
export type MessageState = (typeof MESSAGE_STATES)[number]

/** What a person says to the worker of a task. */
export const message = z
  .object({
    id: z.int(),
    task_id: z.string(),
    /** The run that was open when it was told; null without one. */
    run_id: z.int().nullable(),
    body: z.string(),
    /** Interrupt the turn that goes on, where the agent takes no message during it. */
    interrupt: z.boolean(),
    told_by: z.string(),
    told_at: at,
    delivered_at: maybeAt,
    /** How it reached the worker, in words: `during the turn`. */
    delivered_how: maybeText,
    state: z.enum(MESSAGE_STATES),
  })
  .meta({ id: 'Message' })
export type Message = z.infer<typeof message>
