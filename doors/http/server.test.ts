import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from './server.ts'
import { TestKernel } from '../testing/test-kernel.ts'
import { ask } from './test-requests.ts'

const LIMIT = 100_000
const LARGE = 'export const words = 1\n'.repeat(500)

let kernel: TestKernel
let server: RunningServer
let folder: string
let reports: unknown[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runboard-page-'))
  await mkdir(join(folder, 'page', 'assets'), { recursive: true })
  await writeFile(join(folder, 'secret.json'), '{"secret":true}')
  await writeFile(join(folder, 'page', 'index.html'), '<!doctype html><title>Runboard</title>')
  await writeFile(join(folder, 'page', 'assets', 'main-1a2b.js'), 'export {}')
  await writeFile(join(folder, 'page', 'assets', 'large-1a2b.js'), LARGE)
  kernel = new TestKernel()
  reports = []
  server = await startServer(kernel, {
    pageFolder: join(folder, 'page'),
    bodyLimitBytes: LIMIT,
    report: (...told) => reports.push(told),
  })
})

afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

/** The form of every refusal: only `error`, with only these fields. */
function refusal(code: string) {
  return { error: { code, message: expect.any(String) } }
}

describe('the token', () => {
  it('is not required by /api/health', async () => {
    const answer = await ask(server, { path: '/api/health', token: null })
    expect([answer.status, answer.json()]).toEqual([200, { ok: true }])
  })

  it.each(['/api/tasks', '/api/openapi.json', '/api/nothing', '/api', '/rpc/anything', '/api/health/x'])(
    'is required by %s',
    async (path) => {
      const answer = await ask(server, { path, token: null })
      expect([answer.status, answer.json()]).toEqual([401, refusal('UNAUTHORIZED')])
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    },
  )

  it.each([
    ['another token', 'Bearer 0000000000000000000000000000000000000000000'],
    ['a short one', 'Bearer x'],
    ['none after Bearer', 'Bearer '],
    ['another scheme', 'Basic dXNlcjpwYXNz'],
  ])('is refused when it is %s', async (_what, authorization) => {
    const answer = await ask(server, { path: '/api/tasks', token: null, headers: { authorization } })
    expect([answer.status, answer.json()]).toEqual([401, refusal('UNAUTHORIZED')])
    expect(kernel.calls).toEqual([])
  })

  it('is not read from the address', async () => {
    const answer = await ask(server, { path: `/api/tasks?token=${server.token}`, token: null })
    expect(answer.status).toBe(401)
  })

  it('has 32 random bytes', async () => {
    const other = await startServer(kernel, { pageFolder: null })
    await other.close()
    expect(Buffer.from(server.token, 'base64url')).toHaveLength(32)
    expect(other.token).not.toBe(server.token)
  })
})

describe('a request from elsewhere', () => {
  const paths = ['/api/health', '/api/tasks', '/rpc/x', '/', '/assets/main-1a2b.js']

  it.each(paths)('is refused by its Host at %s', async (path) => {
    for (const host of ['evil.example', `evil.example:${server.port}`, '127.0.0.1', '127.0.0.1:1']) {
      const answer = await ask(server, { path, headers: { host } })
      expect([host, answer.status, answer.json()]).toEqual([host, 403, refusal('UNAUTHORIZED')])
    }
  })

  it.each(paths)('is refused by its Origin at %s', async (path) => {
    const { port } = server
    const origins = [
      'http://evil.example',
      'null',
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${port}.evil.example`,
    ]
    for (const origin of origins) {
      const answer = await ask(server, { path, headers: { origin } })
      expect([origin, answer.status, answer.json()]).toEqual([origin, 403, refusal('UNAUTHORIZED')])
    }
  })

  it('gets no CORS permission', async () => {
    const preflight = { origin: 'http://evil.example', 'access-control-request-method': 'POST' }
    for (const headers of [preflight, {}]) {
      const answer = await ask(server, { method: 'OPTIONS', path: '/api/tasks', headers })
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
      expect(answer.status).toBeGreaterThanOrEqual(400)
    }
  })

  it('is accepted when a browser on this machine uses the name localhost', async () => {
    const own = `localhost:${server.port}`
    const answer = await ask(server, { path: '/api/tasks', headers: { host: own, origin: `http://${own}` } })
    expect(answer.status).toBe(200)
  })
})

describe('a body', () => {
  it('that is too large is refused, and the client can read the refusal', async () => {
    const raw = JSON.stringify({ title: 'x'.repeat(LIMIT) })
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const answer = await ask(server, { method: 'POST', path: '/api/tasks', raw, headers })
      expect([answer.status, answer.json()]).toEqual([413, refusal('INVALID_INPUT')])
    }
    expect(kernel.calls).toEqual([])
  })

  it('that is too large is refused by /rpc too', async () => {
    const answer = await ask(server, { method: 'POST', path: '/rpc/x', raw: 'x'.repeat(LIMIT + 1) })
    expect(answer.status).toBe(413)
  })

  it.each([
    ['malformed JSON', '{"title": '],
    ['not JSON', 'title=x'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['an array', '[]'],
    ['a scalar', '7'],
  ])('that is %s is refused', async (_what, raw) => {
    const answer = await ask(server, { method: 'POST', path: '/api/tasks', raw })
    expect([answer.status, answer.json()]).toEqual([400, refusal('INVALID_INPUT')])
    expect(kernel.calls).toEqual([])
  })

  it('may be omitted when no field is required', async () => {
    const answer = await ask(server, { method: 'POST', path: '/api/tasks/t_0000000a/approve' })
    expect(answer.status).toBe(200)
  })
})

describe('what does not exist', () => {
  it.each([
    ['GET', '/api'],
    ['GET', '/api/'],
    ['GET', '/api/nothing'],
    ['PUT', '/api/tasks'],
    ['GET', '/api/tasks/t_0000000a/nothing'],
    ['POST', '/rpc'],
    ['POST', '/rpc/nothing/here'],
    ['POST', '/'],
    ['GET', '/missing.js'],
    ['GET', '/apix.json'],
  ])('%s %s is a 404 in the usual form', async (method, path) => {
    const answer = await ask(server, { method, path })
    expect([answer.status, answer.json()]).toEqual([404, refusal('NOT_FOUND')])
  })

  it.each([
    ['not HTTP', 'hello there\r\n\r\n', '400', 'INVALID_INPUT'],
    ['without a Host', 'GET /api/health HTTP/1.1\r\nConnection: close\r\n\r\n', '403', 'UNAUTHORIZED'],
    ['too long in its headers', `GET / HTTP/1.1\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, '431', 'INVALID_INPUT'],
  ])('a request that is %s is refused in the usual form', async (_what, text, status, code) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(text)
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(JSON.parse(body)).toEqual(refusal(code))
  })
})

describe('the page', () => {
  it('is served without a token, and may load only its own files', async () => {
    const answer = await ask(server, { path: '/', token: null })
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    const policy = String(answer.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'; script-src 'self'")
    expect(policy).not.toMatch(/script-src[^;]*unsafe/)
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    expect(answer.headers['referrer-policy']).toBe('no-referrer')
  })

  it('is served for any address inside it', async () => {
    const answer = await ask(server, { path: '/board/home?x=1', token: null })
    expect([answer.status, answer.text]).toEqual([200, '<!doctype html><title>Runboard</title>'])
  })

  it('comes with its files and their types, cacheable where a name contains a hash', async () => {
    const answer = await ask(server, { path: '/assets/main-1a2b.js', token: null })
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8'])
    expect(answer.headers['cache-control']).toContain('immutable')
    const head = await ask(server, { method: 'HEAD', path: '/assets/main-1a2b.js', token: null })
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '9', ''])
  })

  it('is compressed for clients that accept it, and not sent again to those that have it', async () => {
    const path = '/assets/large-1a2b.js'
    const plain = await ask(server, { path, token: null })
    expect([plain.headers['content-encoding'], plain.text]).toEqual([undefined, LARGE])
    const small = await ask(server, { path, token: null, headers: { 'accept-encoding': 'br, gzip' } })
    expect([small.status, small.headers['content-encoding'], small.headers['vary']]).toEqual([
      200,
      'gzip',
      'accept-encoding',
    ])
    expect(Number(small.headers['content-length'])).toBeLessThan(LARGE.length / 10)
    const refused = await ask(server, { path, token: null, headers: { 'accept-encoding': 'gzip;q=0' } })
    expect(refused.headers['content-encoding']).toBeUndefined()

    const etag = plain.headers.etag ?? ''
    const again = await ask(server, { path, token: null, headers: { 'if-none-match': `"other", ${etag}` } })
    expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag])
  })

  it.each([
    '/../secret.json',
    '/..%2fsecret.json',
    '/%2e%2e/secret.json',
    '/%2e%2e%2fsecret.json',
    '/assets/../../secret.json',
    '/assets/..%2f..%2fsecret.json',
    '/..%5csecret.json',
    '/..\\secret.json',
    '//../secret.json',
    '/secret.json%00.js',
    '/%c0%ae%c0%ae/secret.json',
    '/%/secret.json',
    'http://127.0.0.1/../secret.json',
  ])('cannot be left by %s', async (path) => {
    const answer = await ask(server, { path, token: null })
    expect(answer.text).not.toContain('secret":true')
    expect([answer.status, answer.json()]).toEqual([404, refusal('NOT_FOUND')])
  })

  it('says what to do when it is not built', async () => {
    const bare = await startServer(kernel, { pageFolder: null })
    const answer = await ask(bare, { path: '/' })
    await bare.close()
    expect([answer.status, answer.json().error.message]).toEqual([
      404,
      expect.stringContaining('npm run build'),
    ])
  })
})

it('answers many requests at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, index) => ask(server, { path: `/api/tasks?search=${index}` })),
  )
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(new Set(kernel.calls.map(({ input }) => (input as { search: string }).search)).size).toBe(300)
})

it('listens only on the loopback address, and frees the port when it closes', async () => {
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
  await server.close()
  await server.close()
  await expect(ask(server, { path: '/api/health' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(reports).toEqual([])
})
