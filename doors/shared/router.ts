import { type AnyProcedure, os, type Router } from '@orpc/server'
import {
  type ErrorCode,
  HTTP_STATUS,
  operationList,
  type OperationName,
  type OperationSpec,
} from '../../contract/index.ts'
import type { Caller, Kernel } from '../../kernel/index.ts'
import { type Report, reportToStderr, toOrpcError } from './errors.ts'
import { follow } from './follow.ts'

/** What a door knows about a call in addition to its input. */
export interface DoorContext {
  caller: Caller
  /** Aborted when the door closes; streams end then. */
  closing?: AbortSignal
  /** Called when the answer is a stream. */
  onStream?: () => void
}

/** Kept on each procedure, for codecs that read input from elsewhere than a JSON body. */
export interface DoorMeta {
  spec?: OperationSpec
}

export type DoorRouter = Router<Record<string, Record<string, AnyProcedure>>, DoorContext>

/** Codes with which any operation may refuse, in addition to those that it declares. */
const COMMON_CODES = [
  'INVALID_INPUT',
  'UNAUTHORIZED',
  'BUSY',
  'INTERNAL',
] as const satisfies readonly ErrorCode[]

/** @returns every code with which the operation may refuse, each with its HTTP status */
export function errorsOf(spec: OperationSpec): Record<string, { status: number }> {
  const codes = [...new Set<ErrorCode>([...spec.errors, ...COMMON_CODES])]
  return Object.fromEntries(codes.map((code) => [code, { status: HTTP_STATUS[code] }]))
}

/** A client that lost its stream sends the last id it saw; the stream resumes after it. */
export function resumed(spec: OperationSpec, input: unknown, lastEventId: string | undefined): unknown {
  const since = Number(lastEventId)
  if (lastEventId === undefined || lastEventId === '' || !Number.isSafeInteger(since) || since < 0)
    return input
  if (!('since' in spec.input.shape)) return input
  return { ...(input as Record<string, unknown> | undefined), since }
}

const base = os.$context<DoorContext>().$meta<DoorMeta>({})

const ANSWER: object = {}

/**
 * Makes an answer that becomes JSON as it is. oRPC copies plain objects value by value, to mark those that JSON does not
 * have. Answers of operations have none of these, and the answer for a large board has a million values. It does not look
 * into objects with a prototype of their own.
 */
function asItIs(answer: object): object {
  return Object.assign(Object.create(ANSWER) as object, answer)
}

/** Input reaches the kernel unchanged: it is checked there, once, with the same messages for every door. */
function procedureOf(kernel: Kernel, name: OperationName, spec: OperationSpec, report: Report): AnyProcedure {
  const fail = (cause: unknown) => toOrpcError(cause, name, report)
  const procedure = base
    .meta({ spec })
    .route(spec.http === undefined ? {} : { method: spec.http.method, path: spec.http.path })
    .errors(errorsOf(spec))
  if (spec.kind !== 'stream') {
    return procedure.handler(async ({ context, input, signal }) => {
      try {
        return asItIs((await kernel.callByName(name, input ?? {}, { ...context.caller, signal })) as object)
      } catch (error) {
        throw fail(error)
      }
    })
  }
  return procedure.handler(({ context, input, signal, lastEventId }) => {
    context.onStream?.()
    const given = resumed(spec, input ?? {}, lastEventId)
    return follow({
      open: (until) => kernel.streamByName(name, given, context.caller, until),
      until: [signal, context.closing],
      fail,
    })
  })
}

/**
 * Every operation of the contract as an oRPC procedure, nested by its dotted name: a client calls
 * `client.group.verb(input)`.
 *
 * @param report gets defects with their cause; callers get INTERNAL
 */
export function buildRouter(kernel: Kernel, report: Report = reportToStderr): DoorRouter {
  const router: Record<string, Record<string, AnyProcedure>> = {}
  for (const [name, spec] of operationList) {
    const [group = name, verb = ''] = name.split('.')
    const procedures = (router[group] ??= {})
    procedures[verb] = procedureOf(kernel, name, spec, report)
  }
  return router
}
