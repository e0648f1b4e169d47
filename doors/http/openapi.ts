import { type AnyContractProcedure, eventIterator, oc } from '@orpc/contract'
import { OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { z } from 'zod'
import * as contract from '../../contract/index.ts'
import type { OperationSpec } from '../../contract/index.ts'
import { errorsOf } from '../shared/router.ts'

type Shape = Record<string, z.ZodType>

/** Any operation may be refused before it is called: for a missing token, or for its input. */
const STATUS_WORDS: Record<string, string> = {
  '200': 'Done',
  '400': 'Invalid input: nothing was changed',
  '401': 'The token is missing or wrong, or the caller may not do this',
  '404': 'Not found',
  '409': 'The state does not allow it: nothing was changed',
  '500': 'Internal error, or the board cannot be read',
  '503': 'The board is busy: try again',
}

/** Named schemas of the contract: each is written once and referenced. */
function namedSchemas(): Record<string, { schema: z.ZodType; strategy: 'output' }> {
  const named: Record<string, { schema: z.ZodType; strategy: 'output' }> = {
    Error: { schema: contract.errorBody(), strategy: 'output' },
  }
  for (const value of Object.values<unknown>(contract)) {
    const schema = contract.isLazy(value) ? value() : null
    if (!(schema instanceof z.ZodType)) continue
    const id = schema.meta()?.id
    if (id !== undefined) named[id] = { schema, strategy: 'output' }
  }
  return named
}

function pick(shape: Shape, wanted: (name: string) => boolean): Shape {
  return Object.fromEntries(Object.entries(shape).filter(([name]) => wanted(name)))
}

/** Where each field of an input goes: the path, the query or the body. */
function detailedInput(spec: OperationSpec, http: contract.HttpDoor): z.ZodType {
  const shape = spec.input.shape
  const inPath = (name: string) => http.path.includes(`{${name}}`)
  const takesBody = http.method === 'POST' || http.method === 'PATCH'
  const inQuery = (name: string) => !inPath(name) && (name === 'board' || !takesBody)
  const bodyShape = pick(shape, (name) => !inPath(name) && !inQuery(name))
  const params = pick(shape, inPath)
  const parts: Shape = { query: z.object(pick(shape, inQuery)) }
  if (Object.keys(params).length > 0) parts['params'] = z.object(params)
  if (Object.keys(bodyShape).length > 0) {
    const { catchall } = spec.input.def
    const body =
      catchall === undefined ? z.object(bodyShape) : z.object(bodyShape).catchall(catchall as z.ZodType)
    parts['body'] = body.safeParse({}).success ? body.optional() : body
  }
  return z.object(parts)
}

/** Lists in a query are `status=a&status=b`, which is OpenAPI's default. */
function plainParameter(parameter: Record<string, unknown>): Record<string, unknown> {
  const {
    allowEmptyValue: _empty,
    allowReserved: _reserved,
    style: _style,
    explode: _explode,
    ...rest
  } = parameter
  return rest
}

/** Adds what the generator leaves out: descriptions of statuses, and our form of parameters. */
function finished<T extends { parameters?: unknown; responses?: unknown }>(operation: T): T {
  const parameters = operation.parameters as Record<string, unknown>[] | undefined
  const responses = (operation.responses ?? {}) as Record<string, { description?: string }>
  for (const [status, response] of Object.entries(responses)) {
    response.description = STATUS_WORDS[status] ?? status
  }
  return parameters === undefined ? operation : { ...operation, parameters: parameters.map(plainParameter) }
}

function contractOf(name: string, spec: OperationSpec, http: contract.HttpDoor): AnyContractProcedure {
  const [group = name] = name.split('.')
  return oc
    .route({
      method: http.method,
      path: http.path,
      operationId: name,
      summary: spec.summary,
      tags: [group],
      inputStructure: 'detailed',
      spec: finished,
    })
    .errors(errorsOf(spec))
    .input(detailedInput(spec, http))
    .output(spec.kind === 'stream' ? eventIterator(spec.output) : spec.output)
}

/** Answered by the server itself, without an operation. */
const OWN_PATHS = {
  '/health': {
    get: {
      operationId: 'health',
      summary: 'Say that the server is running; the one call that needs no token',
      security: [],
      responses: { '200': { description: 'It is running' } },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'openapi',
      summary: 'This document',
      responses: { '200': { description: 'An OpenAPI 3.1 document' } },
    },
  },
}

/**
 * The OpenAPI 3.1 document of the REST door, generated from the contract. It is deterministic, so that docs/ can hold a
 * copy to compare with.
 */
export async function openApiDocument(): Promise<Record<string, unknown>> {
  const router: Record<string, AnyContractProcedure> = {}
  for (const [name, spec] of contract.operationList) {
    if (spec.http !== undefined) router[name] = contractOf(name, spec, spec.http)
  }
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  const document = await generator.generate(router, {
    info: {
      title: 'Runboard',
      version: '1',
      description:
        'The board over HTTP, as `runboard serve` answers it. The address and the token are in serve.json of the home.',
    },
    servers: [{ url: 'http://127.0.0.1:7420/api' }],
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    commonSchemas: namedSchemas(),
    customErrorResponseBodySchema: { $ref: '#/components/schemas/Error' },
  })
  return { ...document, paths: { ...OWN_PATHS, ...document.paths } }
}
