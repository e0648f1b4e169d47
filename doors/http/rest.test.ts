import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  ERROR_CODES,
  HTTP_STATUS,
  type HttpDoor,
  OperationError,
  operationList,
  type OperationName,
} from '../../contract/index.ts'
import { openApiDocument } from './openapi.ts'
import { type RunningServer, startServer } from './server.ts'
import { TestKernel } from '../testing/test-kernel.ts'
import { ask } from './test-requests.ts'

let kernel: TestKernel
let server: RunningServer
let reports: unknown[][]

beforeEach(async () => {
  kernel = new TestKernel()
  reports = []
  server = await startServer(kernel, {
    pageFolder: null,
    env: { USER: 'ann' },
    report: (...told) => reports.push(told),
  })
})

afterEach(() => server.close())

const routes = operationList.flatMap(([name, spec]) =>
  spec.http === undefined || spec.kind === 'stream' ? [] : [{ name, spec, http: spec.http }],
)

/** The operation of a route in the contract. */
function operationAt(method: HttpDoor['method'], path: string): OperationName {
  const route = routes.find(({ http }) => http.method === method && http.path === path)
  if (route === undefined) throw new Error(`no route ${method} ${path}`)
  return route.name
}

/** Sample values: each required field gets the first one that its schema accepts. */
const SAMPLES: readonly unknown[] = [
  't_0000000a',
  'scratch',
  'done',
  'a'.repeat(40),
  3,
  true,
  ['t_0000000a'],
  {},
]

function sampleInput(spec: (typeof routes)[number]['spec']): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const [field, schema] of Object.entries(spec.input.shape)) {
    if (schema.safeParse(undefined).success) continue
    const sample = SAMPLES.find((value) => schema.safeParse(value).success)
    if (sample === undefined) throw new Error(`SAMPLES has nothing that fits the field ${field}`)
    input[field] = sample
  }
  return input
}

it.each(routes.map((route) => [`${route.http.method} ${route.http.path}`, route] as const))(
  '%s reaches its operation with the fields of the path, the query and the body',
  async (_title, { name, spec, http }) => {
    kernel.answers.set(name, () => ({ answered: name }))
    const input = sampleInput(spec)
    const inPath = Object.keys(input).filter((field) => http.path.includes(`{${field}}`))
    const path = inPath.reduce((text, field) => text.replace(`{${field}}`, String(input[field])), http.path)
    const rest = Object.entries(input).filter(([field]) => !inPath.includes(field))
    const asQuery = http.method === 'GET' || http.method === 'DELETE'
    const query = new URLSearchParams({ board: 'Home' })
    if (asQuery) for (const [field, value] of rest) query.set(field, String(value))
    const answer = await ask(server, {
      method: http.method,
      path: `/api${path}?${query.toString()}`,
      body: asQuery ? undefined : Object.fromEntries(rest),
    })
    expect([answer.status, answer.json()]).toEqual([200, { answered: name }])
    const expected = spec.input.parse({ ...input, ...('board' in spec.input.shape ? { board: 'home' } : {}) })
    const caller = expect.objectContaining({ actor: 'ann', trigger: 'api' }) as unknown
    expect(kernel.calls).toEqual([{ name, input: expected, caller }])
  },
)

describe('the query', () => {
  async function asked(query: string) {
    const answer = await ask(server, { path: `/api/tasks?${query}` })
    return answer.status === 200 ? kernel.calls.at(-1)?.input : answer.json().error.code
  }

  it.each([
    ['status=ready&status=done', { status: ['ready', 'done'] }],
    ['status=ready,done', { status: ['ready', 'done'] }],
    ['status=', { status: [] }],
    ['limit=5', { limit: 5 }],
    ['limit=', {}],
    ['archived=1', { archived: true }],
    ['archived=true', { archived: true }],
    ['archived', { archived: true }],
    ['archived=0', { archived: false }],
    ['archived=false', { archived: false }],
    ['search=007', { search: '007' }],
    ['search=a%20b&sort=-priority', { search: 'a b', sort: '-priority' }],
  ])('parses %s as the operation requires', async (query, expected) => {
    const defaults = { status: [], labels: [], matches: false, mine: false, archived: false }
    expect(await asked(query)).toEqual({ ...defaults, ...expected })
  })

  it.each([
    'limit=five',
    'limit=1e3',
    'limit=0x10',
    'archived=maybe',
    'status=unheard',
    'misspelt=1',
    'board=No%20Slug',
  ])('refuses %s', async (query) => {
    expect(await asked(query)).toBe('INVALID_INPUT')
  })

  it('is read for calls with a body too', async () => {
    await ask(server, { method: 'POST', path: '/api/dispatch?dry_run=1&board=home', body: { max: 2 } })
    expect(kernel.calls[0]?.input).toEqual({ board: 'home', dry_run: true, max: 2, wait: false })
  })

  it('cannot change which task the path names', async () => {
    const path = '/api/tasks/t_0000000a/approve?id=t_0000000b'
    await ask(server, { method: 'POST', path, body: { id: 't_0000000c' } })
    expect(kernel.calls[0]?.input).toMatchObject({ id: 't_0000000a' })
  })

  it('the path may be percent-encoded', async () => {
    await ask(server, { path: '/api/tasks/t%5F0000000a%20' })
    expect(kernel.calls[0]?.input).toMatchObject({ id: 't_0000000a' })
  })
})

describe('a refusal', () => {
  it.each(ERROR_CODES)('%s has its status and only code, message and data', async (code) => {
    kernel.answers.set(operationAt('GET', '/tasks'), () => {
      throw new OperationError(code, 'Not like this.', { open_parents: ['t_1'] })
    })
    const answer = await ask(server, { path: '/api/tasks' })
    expect(answer.status).toBe(HTTP_STATUS[code])
    expect(answer.json()).toEqual({
      error: { code, message: 'Not like this.', data: { open_parents: ['t_1'] } },
    })
  })

  it('has no data if there is none', async () => {
    kernel.answers.set(operationAt('GET', '/tasks'), () => {
      throw new OperationError('CONFLICT', 'Not like this.')
    })
    const answer = await ask(server, { path: '/api/tasks' })
    expect(answer.text).toBe('{"error":{"code":"CONFLICT","message":"Not like this."}}')
  })

  it('for a defect is INTERNAL, and its cause is reported', async () => {
    const cause = new TypeError('x is not a function')
    kernel.answers.set(operationAt('GET', '/tasks'), () => {
      throw cause
    })
    const answer = await ask(server, { path: '/api/tasks' })
    expect([answer.status, answer.json().error.code]).toEqual([500, 'INTERNAL'])
    expect(reports).toEqual([[expect.any(String), cause]])
  })

  it('reports no token and no secret', async () => {
    await ask(server, { path: '/api/tasks?limit=x' })
    await ask(server, { path: '/api/nothing' })
    await ask(server, { path: '/api/tasks', token: 'wrong' })
    expect(JSON.stringify(reports)).not.toContain(server.token)
    expect(reports).toEqual([])
  })
})

it('keeps text unchanged, whatever it contains', async () => {
  const title = 'Zeile 1\nline 2 ✓ 🙂 "quoted" \\ </script>'
  kernel.answers.set(operationAt('POST', '/tasks'), (input) => ({ echoed: input['title'] }))
  const answer = await ask(server, { method: 'POST', path: '/api/tasks', body: { title } })
  expect(answer.json()).toEqual({ echoed: title })
  expect(answer.headers['content-type']).toContain('application/json')
  expect(answer.headers['cache-control']).toBe('no-store')
})

describe('the OpenAPI document', () => {
  it('is the one that the server sends', async () => {
    const answer = await ask(server, { path: '/api/openapi.json' })
    expect([answer.status, answer.json()]).toEqual([200, await openApiDocument()])
  })

  it('has every route of the contract, in OpenAPI 3.1', async () => {
    const document = (await openApiDocument()) as { openapi: string; paths: Record<string, object> }
    expect(document.openapi).toMatch(/^3\.1\./)
    for (const [, spec] of operationList) {
      if (spec.http === undefined) continue
      expect(document.paths[spec.http.path]).toHaveProperty(spec.http.method.toLowerCase())
    }
  })

  it('is deterministic', async () => {
    expect(JSON.stringify(await openApiDocument())).toBe(JSON.stringify(await openApiDocument()))
  })
})
