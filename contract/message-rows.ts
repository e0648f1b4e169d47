import { z } from 'zod'
import { at, maybeAt, maybeText } from './columns.ts'

/**
 * The state of a message. `queued`: its run is open and has not taken it yet; `delivered`: the worker has it, which does not
 * mean that it obeys; `next_attempt`: its run is over, or it has no run, so the next attempt gets it in its context.
 */
export const MESSAGE_STATES = ['queued', 'delivered', 'next_attempt'] as const

/** A message of a person to the worker of a task. */
export const message = z
  .object({
    id: z.int(),
    task_id: z.string(),
    /** The run that was open when the message was sent, null without one; once delivered, the run that has it. */
    run_id: z.int().nullable(),
    body: z.string(),
    /** Whether to interrupt the current turn of an agent that takes no message during a turn. */
    interrupt: z.boolean(),
    told_by: z.string(),
    told_at: at,
    delivered_at: maybeAt,
    /** How it reached the worker, in words: `during the turn`, `in its context`. */
    delivered_how: maybeText,
    state: z.enum(MESSAGE_STATES),
  })
  .meta({ id: 'Message' })
export type Message = z.infer<typeof message>
