import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const gzipped = promisify(gzip)

/** Below this many bytes, compressing costs more than it saves. */
const WORTH_COMPRESSING = 1024
const TEXT = /^(text\/|application\/(json|manifest\+json)|image\/svg\+xml)/

/** The compressed files of the page by their ETag: each opening of the page asks for the same ones. */
const compressed = new Map<string, Promise<Buffer>>()
/** More than a page has; the oldest are dropped first. */
const MOST_KEPT = 200

function compressedOnce(etag: string, content: Buffer): Promise<Buffer> {
  const kept = compressed.get(etag)
  if (kept !== undefined) return kept
  const made = gzipped(content)
  compressed.set(etag, made)
  const [oldest] = compressed.keys()
  if (compressed.size > MOST_KEPT && oldest !== undefined) compressed.delete(oldest)
  return made
}

/** @returns whether the header lists `gzip` with a quality above 0 */
function takesGzip(accepted: string | undefined): boolean {
  return (accepted ?? '').split(',').some((part) => {
    const [coding = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase())
    return coding === 'gzip' && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}

/**
 * Answers 200 with these bytes, compressed if the client accepts it, or 304 if the client has them already.
 *
 * @param headers with at least `content-type`
 */
export async function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  // Weak: it identifies the content, whatever its encoding.
  const etag = `W/"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
  const kept = { ...headers, etag, vary: 'accept-encoding' }
  const known = (request.headers['if-none-match'] ?? '').split(',').map((one) => one.trim())
  if (known.includes(etag)) {
    response.writeHead(304, kept).end()
    return
  }
  const isText = TEXT.test(headers['content-type'] ?? '')
  const compress =
    isText && content.length >= WORTH_COMPRESSING && takesGzip(request.headers['accept-encoding'])
  const body = compress ? await compressedOnce(etag, content) : content
  const coding: Record<string, string> = compress ? { 'content-encoding': 'gzip' } : {}
  response.writeHead(200, { ...kept, ...coding, 'content-length': body.length })
  response.end(request.method === 'HEAD' ? undefined : body)
}
