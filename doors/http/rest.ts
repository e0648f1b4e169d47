import { ErrorEvent, mapEventIterator, toORPCError } from '@orpc/client'
import { StandardOpenAPIMatcher } from '@orpc/openapi/standard'
import { CompressionPlugin, NodeHttpHandler } from '@orpc/server/node'
import { StandardHandler } from '@orpc/server/standard'
import type { StandardCodec } from '@orpc/server/standard'
import type { ORPCError } from '@orpc/server'
import { OperationError } from '../../contract/index.ts'
import { toErrorBody, toOrpcError } from '../shared/errors.ts'
import type { Report } from '../shared/errors.ts'
import { readUrlFields } from '../shared/query.ts'
import type { DoorContext, DoorMeta, DoorRouter } from '../shared/router.ts'

/** How often a stream without events says that it lives, in milliseconds. */
export const HEARTBEAT_MS = 15_000

function isStream(output: unknown): output is AsyncIterableIterator<unknown, unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output
}

function asFields(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) return {}
  if (typeof body === 'object' && !Array.isArray(body)) return body as Record<string, unknown>
  throw new OperationError('INVALID_INPUT', 'The body must be a JSON object with the fields of the call.')
}

/**
 * REST as contract.md has it: the fields of an input come from the body, the query and the path, the path being the one
 * that counts; answers and errors are bare JSON. oRPC's own OpenAPI codec takes either the body or the query, and writes
 * errors in a shape of its own.
 */
class RestCodec implements StandardCodec {
  readonly #report: Report

  constructor(report: Report) {
    this.#report = report
  }

  readonly decode: StandardCodec['decode'] = async (request, params, procedure) => {
    const { spec } = procedure['~orpc'].meta as DoorMeta
    const shape = spec?.input.shape ?? {}
    const query = readUrlFields(request.url.searchParams, shape)
    // `?board=` may stand on every call; what concerns the whole home has no use for it.
    if (!Object.hasOwn(shape, 'board')) delete query['board']
    const path = readUrlFields(new URLSearchParams(params), shape)
    try {
      return { ...query, ...asFields(await request.body()), ...path }
    } catch (cause) {
      throw toOrpcError(cause, request.url.pathname, this.#report)
    }
  }

  readonly encode: StandardCodec['encode'] = (output) => {
    const body = isStream(output)
      ? mapEventIterator(output, {
          value: async (item: unknown) => item,
          error: async (cause: unknown) => {
            const error = toORPCError(cause) as ORPCError<string, unknown>
            return new ErrorEvent({ data: toErrorBody(error), cause })
          },
        })
      : output
    return { status: 200, headers: {}, body }
  }

  readonly encodeError: StandardCodec['encodeError'] = (error: ORPCError<string, unknown>) => ({
    status: error.status,
    headers: {},
    body: toErrorBody(error),
  })
}

/** @returns whether the operation has a route: the others are reached by /rpc only */
function hasRoute(options: { contract: { '~orpc': { route: { path?: unknown } } } }): boolean {
  return options.contract['~orpc'].route.path !== undefined
}

/**
 * @param heartbeatMs how often an idle stream gets a comment
 * @returns what answers the routes of the contract's `http` sections
 */
export function restHandler(
  router: DoorRouter,
  report: Report,
  heartbeatMs = HEARTBEAT_MS,
): NodeHttpHandler<DoorContext> {
  const matcher = new StandardOpenAPIMatcher({ filter: hasRoute })
  const handler = new StandardHandler<DoorContext>(router, matcher, new RestCodec(report), {})
  return new NodeHttpHandler(handler, {
    eventIteratorKeepAliveInterval: heartbeatMs,
    plugins: [new CompressionPlugin()],
  })
}
