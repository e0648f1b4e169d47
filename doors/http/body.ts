import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal.ts'

/** The largest body that is read. */
export const BODY_LIMIT_BYTES = 10 * 1024 * 1024

/** How much of a refused body is read and dropped, so that the client can read the answer. */
const DRAIN_LIMIT_BYTES = 8 * BODY_LIMIT_BYTES

function tooLarge(limit: number): Refusal {
  const megabytes = Math.floor(limit / 1024 / 1024)
  return new Refusal(413, 'INVALID_INPUT', `The body is larger than ${megabytes} MB, the maximum.`)
}

/** Reads and drops the rest: a client that is cut off while sending sees a broken connection instead of the answer. */
function drain(request: IncomingMessage): void {
  let dropped = 0
  request.on('data', (chunk: Buffer) => {
    dropped += chunk.length
    if (dropped > DRAIN_LIMIT_BYTES) request.destroy()
  })
  request.resume()
}

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const refuse = () => {
      request.removeAllListeners('data')
      chunks.length = 0
      drain(request)
      reject(tooLarge(limit))
    }
    if (Number(request.headers['content-length']) > limit) {
      refuse()
      return
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) refuse()
      else chunks.push(chunk)
    })
    request.once('end', () => {
      resolve(Buffer.concat(chunks))
    })
    request.once('error', reject)
    request.once('close', () => {
      reject(new Refusal(400, 'INVALID_INPUT', 'The request ended before its body did.'))
    })
  })
}

/**
 * @param limit in bytes
 * @returns the body as JSON, undefined when there is none
 * @throws Refusal 413 when it is too large, 400 when it is not JSON
 */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const bytes = await readBytes(request, limit)
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Refusal(400, 'INVALID_INPUT', `The body is not JSON: ${reason}`)
  }
}
