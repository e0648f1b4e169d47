import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal.ts'

/** The host names by which a browser on this machine may reach this server. */
const LOOPBACK_NAMES = ['127.0.0.1', 'localhost']

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest()
}

/**
 * Refuses requests that a page of another site makes a browser send here. They carry that site's Origin, or, when its
 * DNS name resolves to this machine (DNS rebinding), its Host.
 *
 * @param port the port that is served
 * @throws Refusal 403
 */
export function refuseForeign(request: IncomingMessage, port: number): void {
  const hosts = LOOPBACK_NAMES.map((name) => `${name}:${port}`)
  const { host, origin } = request.headers
  if (host === undefined || !hosts.includes(host.toLowerCase())) {
    throw new Refusal(
      403,
      'UNAUTHORIZED',
      `Requests must be sent to ${hosts[0] ?? ''}; this one names another host.`,
    )
  }
  if (origin !== undefined && !hosts.some((own) => origin.toLowerCase() === `http://${own}`)) {
    throw new Refusal(403, 'UNAUTHORIZED', 'Requests from pages of other origins are not answered.')
  }
}

/**
 * @param token the token of this server
 * @throws Refusal 401
 */
export function requireToken(request: IncomingMessage, token: string): void {
  const match = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')
  // Digests have equal lengths, so comparing them reveals nothing about the token, not even its length.
  if (match?.[1] !== undefined && timingSafeEqual(digest(match[1]), digest(token))) return
  throw new Refusal(
    401,
    'UNAUTHORIZED',
    match === null
      ? 'This call needs the header “Authorization: Bearer <token>”; the token is in serve.json of the home.'
      : 'The token is not the one of this server; it is in serve.json of the home while the server runs.',
  )
}
