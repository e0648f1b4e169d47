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

/** How often an idle stream sends a heartbeat, in milliseconds. */
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
 * REST as in contract.md: an input's fields come from the body, the query and the path, and the path wins; answers and
 * errors are bare JSON. oRPC's own OpenAPI codec reads either the body or the query, and has its own form of errors.
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
    // Every call may have `?board=`; operations on the whole home ignore it.
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

/** @returns whether the operation has a route; the others can only be called by /rpc */
function hasRoute(options: { contract: { '~orpc': { route: { path?: unknown } } } }): boolean {
  return options.contract['~orpc'].route.path !== undefined
}

/**
 * @param heartbeatMs how often an idle stream sends a comment
 * @returns the handler for the routes of the contract's `http` sections
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
