import { ErrorEvent, mapEventIterator, toORPCError } from '@orpc/client'
import { StandardOpenAPIMatcher } from '@orpc/openapi/standard'
import { CompressionPlugin, NodeHttpHandler } from '@orpc/server/node'
import { type StandardCodec, StandardHandler } from '@orpc/server/standard'
import type { ORPCError } from '@orpc/server'
import { OperationError } from '../../contract/index.ts'
import { type Report, toErrorBody, toOrpcError } from '../shared/errors.ts'
import { readUrlFields } from '../shared/query.ts'
import type { DoorContext, DoorMeta, DoorRouter } from '../shared/router.ts'

/** How often an idle stream sends a heartbeat (a comment that clients ignore), in milliseconds. */
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
 * Reads and writes the REST calls of docs/openapi.json. The fields of an input come from the query, the body and the
 * path. Where two of them have the same field, the body wins over the query, and the path over both.
 * Answers and errors are sent as JSON without an envelope. oRPC's own OpenAPI codec cannot be used: it reads either
 * the body or the query, and its errors have another form.
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
    // Clients may send `?board=` with every call. Operations on the whole home have no such field, and the kernel would
    // refuse it as unknown.
    if (!Object.hasOwn(shape, 'board')) delete query['board']
    const path = readUrlFields(new URLSearchParams(params), shape)
    try {
      return { ...query, ...asFields(await request.body()), ...path }
    } catch (error) {
      throw toOrpcError(error, request.url.pathname, this.#report)
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

/** @returns whether the operation has a REST route; without one, it can only be called through `/rpc` */
function hasRoute(options: { contract: { '~orpc': { route: { path?: unknown } } } }): boolean {
  return options.contract['~orpc'].route.path !== undefined
}

/**
 * @param heartbeatMs how often an idle stream sends a heartbeat
 * @returns the handler for all operations that have an `http` route in the contract
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
